"""Recurrent language model with tied weights, on ON-LSTM or LSTM layers."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_positive, check_rate
from blogkit.layers import ONLSTM
from blogkit.models.language_model_arguments import check_batch, check_layers
from blogkit.models.reset_states import with_reset
from blogkit.models.saved_seeds import SavedSeeds


@keras.saving.register_keras_serializable("blogkit")
class LanguageModel(SavedSeeds, keras.Model):
    """Predicts the next token: embedding, recurrent layers, softmax with the same embedding.

    With E the embedding, x the output of the last layer and b a bias per token,

        logits[t] = E x[t] + b

    so the last layer is as wide as the embedding (Press and Wolf 2017, arXiv:1608.05859). The
    dropouts and penalties are those of AWD-LSTM (Merity et al. 2018, arXiv:1708.02182), as in the
    ON-LSTM paper; all dropouts but that of the embedding use one mask for all time steps.

    With `batch_size` rows are parts of a long text: each call continues from the last states of
    the previous call, for batches in the order of `blogkit.nlp.continued_windows`. In any other
    order the states are meaningless, so pass `shuffle=False`. `fit`, `evaluate` and `predict`
    start each epoch with zero states. Without `batch_size` every call starts with zero states.

    Saving the model or its weights includes the recurrent states and the states of its random
    seeds, so that `blogkit.models.resumable_fit` with `shuffle=False` resumes to the same weights.

    Args:
        vocabulary_size: Number of tokens.
        units: Widths of the recurrent layers, from first to last; the embedding is as wide as
            the last.
        chunk_size: Units per level of the ON-LSTM layers. None for `keras.layers.LSTM`.
        master_input_gate, dropconnect: As for `blogkit.layers.ONLSTM`.
        embedding_dropout: Rate at which whole rows of E are dropped at the input.
        input_dropout, hidden_dropout, output_dropout: Rates before the first layer, between
            layers and after the last.
        activation_penalty: Weight of the mean square of the last layer's output after dropout
            (AR), in training.
        change_penalty: Weight of the mean square difference between that output at successive
            time steps, before dropout (TAR), in training.
        batch_size: Number of rows whose states are carried from call to call, or None.
        seed: Seed of the dropout masks.

    Call arguments:
        tokens: Integers `(batch, time)`.
        training: Whether to apply dropout and penalties.

    Returns:
        Logits `(batch, time, vocabulary_size)` in float32.

    Raises:
        ValueError: For a size or rate out of range, a chunk size that does not divide the
            units, `dropconnect` without `chunk_size`, or another number of rows than `batch_size`.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import LanguageModel
    >>> model = LanguageModel(vocabulary_size=10, units=(8, 6), chunk_size=2)
    >>> tokens = np.array([[1, 2, 3]])
    >>> tuple(model(tokens).shape)
    (1, 3, 10)
    >>> [tuple(distances.shape) for distances in model.distances(tokens)]
    [(1, 3), (1, 3)]
    """

    def __init__(
        self,
        vocabulary_size: int,
        units: Sequence[int],
        chunk_size: int | None = 10,
        master_input_gate: str = "reverse",
        dropconnect: float = 0.0,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        output_dropout: float = 0.0,
        activation_penalty: float = 0.0,
        change_penalty: float = 0.0,
        batch_size: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        check_count("vocabulary_size", vocabulary_size, low=2)
        check_layers(units=units, chunk_size=chunk_size, dropconnect=dropconnect)
        check_rate("embedding_dropout", embedding_dropout)
        check_rate("input_dropout", input_dropout)
        check_rate("hidden_dropout", hidden_dropout)
        check_rate("output_dropout", output_dropout)
        check_positive("activation_penalty", activation_penalty, or_zero=True)
        check_positive("change_penalty", change_penalty, or_zero=True)
        if batch_size is not None:
            check_count("batch_size", batch_size)
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.units = tuple(units)
        self.chunk_size = chunk_size
        self.master_input_gate = master_input_gate
        self.dropconnect = dropconnect
        self.embedding_dropout = embedding_dropout
        self.input_dropout = input_dropout
        self.hidden_dropout = hidden_dropout
        self.output_dropout = output_dropout
        self.activation_penalty = activation_penalty
        self.change_penalty = change_penalty
        self.batch_size = batch_size
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.states = []
        options = dict(return_sequences=True, return_state=True)
        if chunk_size is None:
            self.recurrent = [keras.layers.LSTM(width, **options) for width in self.units]
        else:
            options.update(
                return_distances=True, master_input_gate=master_input_gate, dropconnect=dropconnect
            )
            seeds = [None if seed is None else seed + 1 + number for number in range(len(self.units))]
            self.recurrent = [
                ONLSTM(width, width // chunk_size, seed=s, **options) for width, s in zip(self.units, seeds)
            ]

    def build(self, tokens_shape):
        width = self.units[-1]
        small = keras.initializers.RandomUniform(-0.1, 0.1)
        self.embedding = self.add_weight(
            shape=(self.vocabulary_size, width), initializer=small, name="embedding"
        )
        self.bias = self.add_weight(shape=(self.vocabulary_size,), initializer="zeros", name="bias")
        for layer, inner in zip(self.recurrent, (width, *self.units)):
            layer.build((self.batch_size, None, inner))
        self.states = [
            [
                self.add_weight(
                    shape=(self.batch_size, width), initializer="zeros", trainable=False, name=name
                )
                for name in ("h", "c")
            ]
            for width in self.units
            if self.batch_size
        ]
        self.built = True

    def call(self, tokens, training=False):
        check_batch(batch_size=self.batch_size, tokens_shape=tokens.shape)
        start = [[ops.copy(state) for state in pair] for pair in self.states]
        output, _, states = self._through_layers(tokens, start, training)
        for pair, values in zip(self.states, states):
            for variable, value in zip(pair, values):
                variable.assign(ops.stop_gradient(value))
        return self._logits(output, training)

    def distances(self, tokens) -> list[np.ndarray]:
        """The syntactic distances of every `ONLSTM` layer, each sentence from zero states.

        Args:
            tokens: Integers `(batch, time)`. The distance of a token does not depend on later
                tokens, so short sentences may be padded with any token.

        Returns:
            One NumPy array `(batch, time)` per layer.

        Raises:
            ValueError: If the layers are LSTMs.
        """
        if self.chunk_size is None:
            raise ValueError(
                "`chunk_size` must be an integer: only ON-LSTM layers give distances. "
                "Received: chunk_size=None, which means LSTM layers."
            )
        if not self.built:
            self.build(tokens.shape)
        _, distances, _ = self._through_layers(tokens, [], training=False)
        return [ops.convert_to_numpy(array) for array in distances]

    def reset_states(self) -> None:
        """Sets the recurrent states to 0, as at the beginning of a text."""
        for variable in [variable for pair in self.states for variable in pair]:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def fit(self, *args, callbacks=None, **kwargs):
        return super().fit(*args, callbacks=with_reset(callbacks), **kwargs)

    def evaluate(self, *args, callbacks=None, **kwargs):
        return super().evaluate(*args, callbacks=with_reset(callbacks), **kwargs)

    def predict(self, *args, callbacks=None, **kwargs):
        return super().predict(*args, callbacks=with_reset(callbacks), **kwargs)

    def _through_layers(self, tokens, states, training):
        x = ops.take(self._dropped_embedding(training), tokens, axis=0)
        x = self._locked_dropout(x, self.input_dropout, training)
        all_distances, last_states = [], []
        for number, layer in enumerate(self.recurrent):
            if number:
                x = self._locked_dropout(x, self.hidden_dropout, training)
            initial = states[number] if states else layer.get_initial_state(ops.shape(x)[0])
            x, *distances, h, c = layer(x, initial_state=initial, training=training)
            all_distances += distances
            last_states.append((h, c))
        return x, all_distances, last_states

    def _logits(self, output, training):
        dropped = self._locked_dropout(output, self.output_dropout, training)
        if training and self.activation_penalty:
            self.add_loss(self.activation_penalty * ops.mean(ops.square(ops.cast(dropped, "float32"))))
        if training and self.change_penalty:
            changes = ops.cast(output[:, 1:] - output[:, :-1], "float32")
            self.add_loss(self.change_penalty * ops.mean(ops.square(changes)))
        logits = ops.matmul(dropped, ops.transpose(self._embedding())) + ops.cast(
            self.bias, self.compute_dtype
        )
        return ops.cast(logits, "float32")

    def _embedding(self):
        return ops.cast(self.embedding, self.compute_dtype)

    def _dropped_embedding(self, training):
        embedding = self._embedding()
        if not (training and self.embedding_dropout):
            return embedding
        ones = ops.ones((self.vocabulary_size, 1), dtype=self.compute_dtype)
        return embedding * keras.random.dropout(ones, self.embedding_dropout, seed=self.seed_generator)

    def _locked_dropout(self, x, rate, training):
        if not (training and rate):
            return x
        return x * keras.random.dropout(ops.ones_like(x[:, :1]), rate, seed=self.seed_generator)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "units": list(self.units),
            "chunk_size": self.chunk_size,
            "master_input_gate": self.master_input_gate,
            "dropconnect": self.dropconnect,
            "embedding_dropout": self.embedding_dropout,
            "input_dropout": self.input_dropout,
            "hidden_dropout": self.hidden_dropout,
            "output_dropout": self.output_dropout,
            "activation_penalty": self.activation_penalty,
            "change_penalty": self.change_penalty,
            "batch_size": self.batch_size,
            "seed": self.seed,
        }
