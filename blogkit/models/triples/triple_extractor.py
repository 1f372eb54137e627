"""Triple extractor: first subjects, then objects and predicates given a subject."""

from collections.abc import Iterable

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count
from blogkit.models.bert.cut_padding import length_of_batch
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
    pointers to the starts and ends of objects for every predicate. So a subject may have several
    objects, an object several subjects, and a pair of them several predicates.

    Training samples one subject per sentence, `fit(extractor.batches(sentences))`, and minimizes
    `triple_loss`: `compile` needs only an optimizer. `extract` uses all subjects. With `build()`
    before it, `blogkit.models.resumable_fit` resumes to the same weights.

    Args:
        network: Layer whose `build(tokens_shape)` creates all weights, with three methods; the last
            two return probabilities. `mask` is True at tokens, `[CLS]` and `[SEP]` included, and
            False at padding; `start` and `end`, `(batch,)`, are the first and last position of the
            subject.

            - `encode(tokens, mask, training)`: `(batch, length)` to x, `(batch, length, dim)`;
            - `subjects(x, mask, training)`: `(batch, length, 2)`, starts and ends;
            - `objects(x, mask, start, end, training)`: `(batch, length, 2, predicates)`.
        tokenizer: `blogkit.nlp.CharTokenizer`.
        predicates: Names of the predicates.
        max_length: Tokens per row, `[CLS]` and `[SEP]` included. Training cuts longer texts.
        cut: Whether a batch is only as long as its longest text, for networks that take any length, such
            as `BertTripleNetwork`. Padding then costs little; on JAX each length is compiled.

    Call arguments:
        inputs: Dict of `"tokens"`, integers `(batch, max_length)`, and `"subject"`, integers
            `(batch, 2)`. With `cut` there may be fewer columns.
        training: Passed to the network.

    Returns:
        Dict of `"subjects"`, `(batch, max_length, 2)`, and `"objects"`, `(batch, max_length, 2,
        predicates)`.

    Raises:
        ValueError: If predicates are missing or repeated, or for a size out of range.

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

    def __init__(
        self,
        network,
        tokenizer: CharTokenizer,
        predicates: Iterable[str],
        max_length: int,
        cut: bool = False,
        **kwargs,
    ):
        predicates = list(predicates)
        check_count("max_length", max_length, 3)
        if not predicates or len(set(predicates)) < len(predicates):
            raise ValueError(
                f"`predicates` must be unique and at least one. Received: predicates={predicates}."
            )
        super().__init__(**kwargs)
        self.network, self.tokenizer, self.max_length = network, tokenizer, max_length
        self.predicates, self.cut = predicates, cut
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

    def batches(
        self, sentences: Iterable, batch_size: int = 32, seed: int = 0, swap: float = 0.0
    ) -> TripleBatches:
        """`TripleBatches` of `(text, triples)` with this model's tokenizer, predicates and length."""
        return TripleBatches(
            sentences, self.tokenizer, self.predicates, self.max_length, batch_size, seed, swap, self.cut
        )

    def fit(self, x, *args, callbacks=None, **kwargs):
        if isinstance(x, TripleBatches):  # the epoch is set here, also in a resumed training
            count = keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: setattr(x, "epoch", epoch)
            )
            callbacks = [*([] if callbacks is None else callbacks), count]
            kwargs.setdefault("shuffle", False)  # shuffled by themselves; Keras' shuffling does not resume
        history = super().fit(x, *args, callbacks=callbacks, **kwargs)
        for variable in self.optimizer.variables:
            # Keras lets weights and their moving averages share a buffer, which JAX can donate only once.
            variable.assign(ops.copy(variable))
        return history

    def extract(self, texts: list[str], batch_size: int = 32, rules: bool = True) -> list[set[tuple]]:
        """The triples of each text.

        Subjects and objects are substrings of the text. A text longer than a row is read in windows
        that overlap by half, and the triples of all windows are joined.

        Args:
            texts: List of strings.
            batch_size: Texts per pass, and subjects per pass; each size is compiled once.
            rules: Whether to apply `blogkit.nlp.finish_triples`.

        Returns:
            A list of sets of `(subject, predicate, object)`.

        Raises:
            ValueError: If `texts` is not a list of strings.
        """
        check_count("batch_size", batch_size, 1)
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"`texts` must be a list of strings. Received: texts={texts!r}.")
        if not self.built:
            self.build()
        found = [set() for _ in texts]
        windows = [(number, part) for number, text in enumerate(texts) for part in self._windows(text)]
        if self.cut:
            windows.sort(key=lambda window: len(window[1]))
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
        longest = 2 + max(map(len, texts))
        length = length_of_batch(longest, self.max_length) if self.cut else self.max_length
        tokens = padded([*map(self.tokenizer.encode, texts), *empty], length)
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
            "tokenizer": self.tokenizer.get_config(),
            "predicates": self.predicates,
            "max_length": self.max_length,
            "cut": self.cut,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            "network": keras.saving.deserialize_keras_object(config["network"], custom_objects),
            "tokenizer": CharTokenizer(**config["tokenizer"]),
        }
        return cls(**{**config, **parts})
