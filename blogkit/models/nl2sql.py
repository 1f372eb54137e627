"""NL2SQL baseline of the article: SQL forms from a question and the headers of its table."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count
from blogkit.models.bert.token_vectors import PADDING_LOGIT, encoder_inputs
from blogkit.nlp import (
    CharTokenizer,
    FormScores,
    TableDatabase,
    TableValues,
    best_forms,
    first_answered,
    form_from_scores,
)
from blogkit.nlp.questions.question_arrays import IGNORED, question_arrays, sequence_length
from blogkit.ops import compiled

HEADS = ("select", "connective", "operator", "column")


@keras.saving.register_keras_serializable("blogkit")
class NL2SQL(keras.Model):
    """One encoder over `[CLS] question [SEP] [CLS] name [SEP] ...` and four heads on it.

    With x the vectors of the encoder and h_j the vector at the `[CLS]` of column j
    (kexue.fm/archives/6771):

        connective  softmax(C x_0)           none, and, or
        select_j    softmax(S h_j)           none, AVG, MAX, MIN, COUNT, SUM, not selected
        operator_i  softmax(O x_i)           >, <, ==, !=, not part of a value
        column_i    softmax over j of w . tanh(U x_i + V h_j)

    `compile(optimizer)` sets the sum of the four cross-entropies, each the mean over the labels
    that are not -1: real headers, characters of the question, characters of values. A loss
    without such labels in the batch is 0. Then `fit(question_arrays(...), label_arrays(...))`.

    Args:
        encoder: Takes a dict `token_ids`, `segment_ids`, `padding_mask` and returns vectors `(batch,
            length, dim)`, or a dict with them as `sequence_output`: `bert_encoder(...)`. The
            weights of its pooler, which no head reads, are not trained.
        tokenizer: `CharTokenizer` of the encoder's vocabulary, saved with the model.
        units: Length of U x_i and V h_j.

    Call arguments:
        inputs: Dict of `question_arrays`. Columns are matched one at a time, also in training, so
            that no array of `length * columns * units` elements is held in memory.
        training: Passed to the encoder.

    Returns:
        A dict of float32 logits: `select` `(batch, columns, 7)`, `connective` `(batch, 3)`,
        `operator` `(batch, length, 5)`, `column` `(batch, length, columns)`.

    Raises:
        ValueError: If `units` is below 1 or `tokenizer` is not a `CharTokenizer`.

    Example:

    >>> from types import SimpleNamespace
    >>> from blogkit.models import bert_encoder
    >>> table = SimpleNamespace(header=["城市", "人口"], types=["text", "real"], rows=[["北京", 2154.0]])
    >>> tables = {"t": table}
    >>> questions = [SimpleNamespace(question="北京的人口", table_id="t")]
    >>> tokenizer = CharTokenizer.from_texts(["北京的人口城市"])
    >>> model = NL2SQL(bert_encoder(vocabulary_size=len(tokenizer), hidden_dim=8), tokenizer, units=8)
    >>> sorted(model.predict_forms(questions, tables)[0])
    ['agg', 'cond_conn_op', 'conds', 'sel']
    """

    def __init__(self, encoder, tokenizer: CharTokenizer, units: int = 256, **kwargs):
        super().__init__(**kwargs)
        check_count("units", units, 1)
        if not isinstance(tokenizer, CharTokenizer):
            raise ValueError(f"`tokenizer` must be a CharTokenizer. Received: {tokenizer!r}.")
        self.encoder, self.tokenizer, self.units = encoder, tokenizer, units
        self.select_head = keras.layers.Dense(7, dtype="float32", name="select")
        self.connective_head = keras.layers.Dense(3, dtype="float32", name="connective")
        self.operator_head = keras.layers.Dense(5, dtype="float32", name="operator")
        self.of_characters = keras.layers.Dense(units, name="of_characters")
        self.of_headers = keras.layers.Dense(units, name="of_headers")
        self.match = keras.layers.Dense(1, use_bias=False, dtype="float32", name="match")
        self._pass = compiled(
            lambda ids, positions, lengths: self(
                dict(token_ids=ids, header_positions=positions, question_lengths=lengths), training=False
            )
        )

    @property
    def trainable_variables(self):
        """All but those of the encoder's pooler, which no head reads: they would have no gradient."""
        pooler = getattr(self.encoder, "pooled_dense", None)
        unused = set() if pooler is None else {id(variable) for variable in pooler.variables}
        return [variable for variable in super().trainable_variables if id(variable) not in unused]

    @property
    def non_trainable_variables(self):
        trained = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.variables if id(variable) not in trained]

    @property
    def trainable_weights(self):
        return self.trainable_variables

    @property
    def non_trainable_weights(self):
        trained = {id(variable) for variable in self.trainable_variables}
        return [weight for weight in self.weights if id(weight) not in trained]

    def compile(self, optimizer="rmsprop", loss=None, **kwargs):
        """As `keras.Model.compile`, by default with the loss of the article."""
        if loss is None:
            cross_entropy = keras.losses.SparseCategoricalCrossentropy
            loss = {name: cross_entropy(from_logits=True, ignore_class=IGNORED, name=name) for name in HEADS}
        super().compile(optimizer, loss=loss, **kwargs)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)  # before its saved state is loaded

    def build(self, input_shape=None):
        ids = keras.KerasTensor((None, None), "int32")
        x = self._vectors(ids)  # symbolic, for its shape
        for layer in (
            self.select_head,
            self.connective_head,
            self.operator_head,
            self.of_characters,
            self.of_headers,
        ):
            layer.build(x.shape)
        self.match.build((None, self.units))
        self.built = True

    def call(self, inputs, training=False):
        positions = ops.cast(inputs["header_positions"], "int32")
        x = self._vectors(inputs["token_ids"], training)
        headers = ops.take_along_axis(x, positions[..., None], axis=1)
        return {
            "select": self.select_head(headers),
            "connective": self.connective_head(x[:, 0]),
            "operator": self.operator_head(x),
            "column": self._matches(self.of_characters(x), self.of_headers(headers), positions > 0),
        }

    def _vectors(self, ids, training=False):
        x = self.encoder(encoder_inputs(ids), training=training)
        return x["sequence_output"] if isinstance(x, dict) else x

    def _matches(self, characters, headers, there):
        """Logits `(batch, length, columns)`: does the value of this character belong to this column?"""
        if not isinstance(headers.shape[1], int):
            raise ValueError(
                "`header_positions` must have a fixed number of columns: pad them to one width. "
                f"Received: header vectors of shape {tuple(headers.shape)}."
            )
        # All tensors with a gradient are arguments: TensorFlow's remat gives closures none.
        one = keras.remat(lambda x, header: self.match(ops.tanh(x + header[:, None]))[..., 0])
        scores = ops.stack(
            [one(characters, headers[:, number]) for number in range(headers.shape[1])], axis=-1
        )
        return ops.where(there[:, None], scores, PADDING_LOGIT)

    def predict_scores(
        self,
        questions: Sequence,
        tables: Mapping,
        batch_size: int = 64,
        length: int | None = None,
        columns: int | None = None,
    ) -> list[FormScores]:
        """Scores of the four heads for each question.

        Args:
            questions, tables: As for `question_arrays`.
            batch_size: Questions per pass.
            length, columns: Sizes of the arrays, by default the smallest sufficient multiples of 32
                and 4. Each pair of sizes is compiled once.

        Raises:
            ValueError: As `question_arrays`, or if `batch_size` is below 1.
        """
        check_count("batch_size", batch_size, 1)
        if not questions:
            return []
        if length is None:
            whole = [
                q for q in questions if isinstance(q.question, str) and q.table_id in tables
            ]  # `question_arrays` refuses the others
            longest = max((sequence_length(q.question, tables[q.table_id].header) for q in whole), default=1)
            rounded = 32 * -(-longest // 32)
            length = max(longest, min(rounded, getattr(self.encoder, "max_sequence_length", rounded)))
        if columns is None:
            columns = 4 * -(-max((len(table.header) for table in tables.values()), default=1) // 4)
        most = getattr(self.encoder, "max_sequence_length", length)
        if length > most:
            raise ValueError(
                f"Question and headers must fit the encoder. Received: {length} tokens, more than the "
                f"encoder's {most}. Leave such questions out (`sequence_length`), or use an encoder "
                "with a larger `max_length`."
            )
        arrays = question_arrays(self.tokenizer, questions, tables, length, columns)
        found = []
        for start in range(0, len(questions), batch_size):
            batch = {name: array[start : start + batch_size] for name, array in arrays.items()}
            missing = batch_size - len(batch["token_ids"])
            batch = {
                name: np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])
                for name, array in batch.items()
            }
            logits = self._pass(batch["token_ids"], batch["header_positions"], batch["question_lengths"])
            logits = {name: ops.convert_to_numpy(array) for name, array in logits.items()}
            for row, question in enumerate(questions[start : start + batch_size]):
                found.append(
                    _scores_of_row(logits, row, len(question.question), len(tables[question.table_id].header))
                )
        return found

    def predict_forms(
        self, questions: Sequence, tables: Mapping, compat: bool = False, guided: int = 1, **sizes
    ) -> list[dict]:
        """SQL form of each question: `form_from_scores` of `predict_scores`.

        Args:
            questions, tables: As for `question_arrays`; tables with their `rows`.
            compat: Decode as the original code does, see `form_from_scores`.
            guided: Of so many most probable forms, `best_forms`, the first that the table answers with
                something: execution-guided decoding. 1 takes the most probable one.
            **sizes: As for `predict_scores`.

        Raises:
            ValueError: As `predict_scores`, if `guided` is below 1, or above 1 with `compat`.
        """
        check_count("guided", guided, 1)
        if compat and guided > 1:
            raise ValueError(f"`guided` must be 1 with `compat`. Received: guided={guided}, compat=True.")
        scores = self.predict_scores(questions, tables, **sizes)
        by_table = {}
        for number, question in enumerate(questions):
            by_table.setdefault(question.table_id, []).append(number)
        forms = [{}] * len(questions)
        for table_id, numbers in by_table.items():
            values = TableValues(tables[table_id])
            asked = [(questions[number].question, scores[number]) for number in numbers]
            if guided == 1:
                found = [form_from_scores(*one, values, compat) for one in asked]
            else:
                with TableDatabase(tables[table_id]) as database:
                    found = [first_answered(best_forms(*one, values, guided), database) for one in asked]
            for number, form in zip(numbers, found):
                forms[number] = form
        return forms

    def get_config(self):
        return {
            **super().get_config(),
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "tokenizer": self.tokenizer.get_config(),
            "units": self.units,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            "encoder": keras.saving.deserialize_keras_object(config["encoder"], custom_objects),
            "tokenizer": CharTokenizer(**config["tokenizer"]),
        }
        return cls(**{**config, **parts})


def _scores_of_row(logits, row, characters, columns):
    """One question's `FormScores`, without padding."""
    asked = slice(1, 1 + characters)
    match = logits["column"][row, asked, :columns]
    match = np.exp(match - match.max(axis=-1, keepdims=True))
    return FormScores(
        logits["select"][row, :columns],
        logits["connective"][row],
        logits["operator"][row, asked],
        match / match.sum(axis=-1, keepdims=True),
    )
