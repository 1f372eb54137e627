"""Triples out of texts: first subjects, then the objects and predicates of each of them."""

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count
from blogkit.models.saved_seeds import SavedSeeds
from blogkit.models.triples.triple_batches import TripleBatches
from blogkit.models.triples.triple_loss import triple_loss
from blogkit.nlp import CharTokenizer, decode_spans, finish_triples, padded
from blogkit.ops import compiled


@keras.saving.register_keras_serializable("blogkit")
class TripleExtractor(SavedSeeds, keras.Model):
    """Finds `(subject, predicate, object)` by the factorization

        P(s, p, o) = P(s) P(o | s) P(p | s, o)

    (kexue.fm/archives/6671): pointers to the starts and ends of subjects, and for each subject
    pointers to the starts and ends of objects, a pair of them for every predicate. So a subject
    may have several objects, an object several subjects, and a pair several predicates.

    Training takes one subject of each sentence, `fit(extractor.batches(sentences))`, with
    `triple_loss` as the loss: `compile` needs an optimizer only. `extract` runs all subjects.
    `keras.callbacks.BackupAndRestore` resumes to the same weights, where `build()` comes before `fit`.

    Args:
        network: Layer with a weight-building `build(tokens_shape)` and three methods, of which
            the last two give probabilities. `mask` is True at tokens, `[CLS]` and `[SEP]`
            included, False behind them; `start` and `end`, `(batch,)`, are the subject's first
            and last position.

            - `encode(tokens, mask, training)`: `(batch, length)` to x, `(batch, length, dim)`;
            - `subjects(x, mask, training)`: `(batch, length, 2)`, starts and ends;
            - `objects(x, mask, start, end, training)`: `(batch, length, 2, predicates)`.
        tokenizer: `blogkit.nlp.CharTokenizer`.
        predicates: Names of the predicates.
        max_length: Tokens of a row, `[CLS]` and `[SEP]` included. Training cuts longer texts.

    Call arguments:
        inputs: Dict of `"tokens"`, integers `(batch, max_length)`, and `"subject"`, integers
            `(batch, 2)`.
        training: Handed on.

    Returns:
        Dict of `"subjects"`, `(batch, max_length, 2)`, and `"objects"`, `(batch, max_length, 2,
        predicates)`.

    Raises:
        ValueError: If there are no predicates or one stands twice, or for a size out of range.

    Example:

    >>> from blogkit.models import DGCNN, TripleExtractor
    >>> from blogkit.nlp import CharTokenizer
    >>> sentences = [("甲写了乙", [("乙", "作者", "甲")]), ("丙写了丁", [("丁", "作者", "丙")])]
    >>> keras.utils.set_random_seed(0)
    >>> tokenizer = CharTokenizer.from_texts(text for text, _ in sentences)
    >>> network = DGCNN(len(tokenizer), num_predicates=1, max_length=8, dim=16, dilations=(2,))
    >>> extractor = TripleExtractor(network, tokenizer, ["作者"], max_length=8)
    >>> extractor.compile(keras.optimizers.Adam(0.01))
    >>> _ = extractor.fit(extractor.batches(sentences, batch_size=2), epochs=40, verbose=0)
    >>> extractor.extract(["甲写了乙"])
    [{('乙', '作者', '甲')}]
    """

    def __init__(self, network, tokenizer, predicates, max_length, **kwargs):
        predicates = list(predicates)
        check_count("max_length", max_length, 3)
        if not predicates or len(set(predicates)) < len(predicates):
            raise ValueError(f"An extractor needs predicates, each once. Received: predicates={predicates}.")
        super().__init__(**kwargs)
        self.network, self.tokenizer, self.max_length = network, tokenizer, max_length
        self.predicates = predicates
        self._subjects_pass = compiled(self._find_subjects, shapes_vary=True)
        self._objects_pass = compiled(self._find_objects, shapes_vary=True)

    def build(self, input_shape=None):
        if not self.network.built:
            self.network.build((None, self.max_length))
        self.built = True

    def call(self, inputs, training=False):
        tokens, subject = inputs["tokens"], inputs["subject"]
        mask = ops.greater(tokens, 0)
        x = self.network.encode(tokens, mask, training)
        return {
            "subjects": self.network.subjects(x, mask, training),
            "objects": self.network.objects(x, mask, subject[:, 0], subject[:, 1], training),
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return triple_loss(y, y_pred, ops.greater(x["tokens"], 0)) + sum(self.losses)

    def batches(self, sentences, batch_size=32, seed=0, swap=0.0):
        """`TripleBatches` of `(text, triples)` with this model's tokenizer, predicates and length."""
        return TripleBatches(
            sentences, self.tokenizer, self.predicates, self.max_length, batch_size, seed, swap
        )

    def fit(self, x, *args, callbacks=None, **kwargs):
        if isinstance(x, TripleBatches):  # also after a resumption
            count = keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: setattr(x, "epoch", epoch)
            )
            callbacks = [*([] if callbacks is None else callbacks), count]
            kwargs.setdefault("shuffle", False)  # they are in random order; Keras' own would not resume
        history = super().fit(x, *args, callbacks=callbacks, **kwargs)
        for variable in self.optimizer.variables:
            # Keras leaves weights and their moving averages with one buffer, which JAX gives away once.
            variable.assign(ops.copy(variable))
        return history

    def extract(self, texts, batch_size=32, rules=True):
        """The triples of each text.

        Objects and subjects are cut out of the text as it is given. A text that is longer than
        a row is read in windows that overlap by half, and what any of them holds is found.

        Args:
            texts: List of strings.
            batch_size: Texts in one pass, and subjects in one; another one is compiled anew.
            rules: Whether to apply `blogkit.nlp.finish_triples`.

        Returns:
            A list of sets of `(subject, predicate, object)`.

        Raises:
            ValueError: If `texts` is a string, or one of them is none.
        """
        check_count("batch_size", batch_size, 1)
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"`texts` is a list of strings. Received: {texts!r}.")
        if not self.built:
            self.build()
        found = [set() for _ in texts]
        windows = [(number, part) for number, text in enumerate(texts) for part in self._windows(text)]
        for first in range(0, len(windows), batch_size):
            batch = windows[first : first + batch_size]
            for (number, _), triples in zip(
                batch, self._extract_batch([part for _, part in batch], batch_size)
            ):
                found[number] |= triples
        return [finish_triples(triples) for triples in found] if rules else found

    def _windows(self, text):
        room = self.max_length - 2
        starts = range(0, max(len(text) - room, 0) + 1, max(room // 2, 1))
        return dict.fromkeys([text[start : start + room] for start in starts] + [text[-room:]])

    def _extract_batch(self, texts, batch_size):
        empty = [()] * (batch_size - len(texts))
        tokens = padded([*map(self.tokenizer.encode, texts), *empty], self.max_length)
        x, probabilities = self._subjects_pass(tokens)
        probabilities = ops.convert_to_numpy(probabilities)
        subjects = [
            (row, start, end)
            for row, text in enumerate(texts)
            for start, end in decode_spans(probabilities[row, 1 : 1 + len(text)])
        ]
        found = [set() for _ in texts]
        for first in range(0, len(subjects), batch_size):
            batch = subjects[first : first + batch_size]
            filled = np.array(batch + batch[:1] * (batch_size - len(batch)), "int32")
            probabilities = self._objects_pass(tokens, x, filled[:, 0], 1 + filled[:, 1], 1 + filled[:, 2])
            for (row, start, end), pointers in zip(batch, ops.convert_to_numpy(probabilities)):
                text = texts[row]
                for first_of, last_of, number in decode_spans(pointers[1 : 1 + len(text)]):
                    found[row].add(
                        (text[start : end + 1], self.predicates[number], text[first_of : last_of + 1])
                    )
        return found

    def _find_subjects(self, tokens):
        tokens = ops.convert_to_tensor(tokens)
        mask = ops.greater(tokens, 0)
        x = self.network.encode(tokens, mask, False)
        return x, self.network.subjects(x, mask, False)

    def _find_objects(self, tokens, x, rows, start, end):
        tokens, rows, start, end = map(ops.convert_to_tensor, (tokens, rows, start, end))
        mask = ops.take(ops.greater(tokens, 0), rows, axis=0)
        return self.network.objects(ops.take(x, rows, axis=0), mask, start, end, False)

    def get_config(self):
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self.network),
            "tokenizer": {"vocabulary": self.tokenizer.vocabulary, "lowercase": self.tokenizer.lowercase},
            "predicates": self.predicates,
            "max_length": self.max_length,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            "network": keras.saving.deserialize_keras_object(config["network"], custom_objects),
            "tokenizer": CharTokenizer(**config["tokenizer"]),
        }
        return cls(**{**config, **parts})
