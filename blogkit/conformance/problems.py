"""Tiny models and data for the cells.

A problem is a pair of functions, `model()` and `data(rng, rows)`. Activations are smooth,
so that rounding never tips a ReLU over. No two rows are equal.
"""

from collections import namedtuple

import keras
import numpy as np
from keras import layers

from blogkit.conformance.run import MICRO, STEPS

Problem = namedtuple("Problem", "model data")
SMOOTH = "sigmoid"  # Keras computes tanh in float32 on JAX, also where it is asked for float64
FEATURES, OUTPUTS, TIME, TOKENS = 5, 3, 5, 7


def _mlp(**hidden):
    def model():
        inputs = keras.Input((FEATURES,))
        outputs = layers.Dense(4, SMOOTH, **hidden)(inputs)
        return keras.Model(inputs, layers.Dense(OUTPUTS)(outputs))

    return model


def _normalized(normalization):
    def model():
        inputs = keras.Input((FEATURES,))
        outputs = normalization()(layers.Dense(4, SMOOTH)(inputs))
        return keras.Model(inputs, layers.Dense(OUTPUTS)(outputs))

    return model


def _real_numbers(rng, rows):
    return {"x": rng.normal(size=(rows, FEATURES)), "y": rng.normal(size=(rows, OUTPUTS))}


def _weighted_numbers(rng, rows):
    return {**_real_numbers(rng, rows), "sample_weight": rng.uniform(0.2, 3.0, size=rows)}


def _without(values):
    """`values` per row, 0 in the first micro-batch of each window and in all of the second."""
    micro_batches = values.reshape(-1, MICRO)
    micro_batches[::STEPS] = micro_batches[STEPS : 2 * STEPS] = 0
    return values


def _weights_with_zeros(rng, rows):
    data = _weighted_numbers(rng, rows)
    return {**data, "sample_weight": _without(data["sample_weight"])}


def _classes(rng, rows):
    return {"x": rng.normal(size=(rows, FEATURES)), "y": rng.integers(0, OUTPUTS, size=rows)}


def _two_outputs():
    inputs = keras.Input((FEATURES,))
    hidden = layers.Dense(4, SMOOTH)(inputs)
    return keras.Model(inputs, [layers.Dense(OUTPUTS)(hidden), layers.Dense(2)(hidden)])


def _two_targets(rng, rows):
    data = _real_numbers(rng, rows)
    return {"x": data["x"], "y": [data["y"], rng.normal(size=(rows, 2))]}


def _linear():
    inputs = keras.Input((FEATURES,))
    return keras.Model(inputs, layers.Dense(2)(inputs))


def _small_integers(rng, rows):
    """x from -2 to 2, so that sums over 32 rows are exact in float16 and bfloat16."""
    x = rng.permutation(5**FEATURES)[:rows, None] // 5 ** np.arange(FEATURES) % 5 - 2.0
    return {"x": x, "y": 3 * rng.normal(size=(rows, 2))}


def _one_row_overflows(rng, rows):
    data = _small_integers(rng, rows)
    data["x"][40] = 1e30  # sixth micro-batch, second large batch; infinite in float16
    return data


def _tokens_of_vectors():
    inputs = keras.Input((None, FEATURES))
    outputs = layers.Dense(4, SMOOTH)(layers.Masking()(inputs))
    return keras.Model(inputs, layers.Dense(2)(outputs))


def _sequences(rng, rows, lengths=None):
    """Vectors for 1 to TIME tokens a row, zeros after its end."""
    if lengths is None:
        lengths = rng.integers(1, TIME + 1, size=rows)
    x = rng.normal(size=(rows, TIME, FEATURES))
    x[np.arange(TIME) >= lengths[:, None]] = 0.0
    return {"x": x, "y": rng.normal(size=(rows, TIME, 2))}


def _weighted_sequences(rng, rows):
    return {**_sequences(rng, rows), "sample_weight": rng.uniform(0.2, 3.0, size=(rows, TIME))}


def _empty_micro_batches(rng, rows):
    return _sequences(rng, rows, _without(rng.integers(1, TIME + 1, size=rows)))


def _alternating_lengths(rng, rows):
    """1 or 2 tokens a row in one micro-batch, 3 to TIME in the next."""
    short = np.arange(rows) // MICRO % 2 == 0
    long = rng.integers(3, TIME + 1, size=rows)
    long[~short & (np.arange(rows) % MICRO == 0)] = TIME
    return _sequences(rng, rows, np.where(short, rng.integers(1, 3, size=rows), long))


def _embedding(mask_zero, trainable=True):
    def model():
        inputs = keras.Input((TIME,), dtype="int32")
        table = layers.Embedding(TOKENS, 4, mask_zero=mask_zero, trainable=trainable)
        return keras.Model(inputs, layers.Dense(2)(layers.Activation(SMOOTH)(table(inputs))))

    return model


def _dense_embedding():
    """The same function as an embedding, written as a matrix product: no sparse gradient."""
    inputs = keras.Input((TIME,), dtype="int32")
    vectors = layers.Dense(4, use_bias=False)(layers.CategoryEncoding(TOKENS, "one_hot")(inputs))
    return keras.Model(inputs, layers.Dense(2)(layers.Activation(SMOOTH)(vectors)))


class _Idle(layers.Layer):
    """Has a weight and does not use it."""

    def build(self, input_shape):
        self.idle = self.add_weight(shape=(2,), name="idle")

    def call(self, inputs):
        return inputs


def _idle_weight():
    inputs = keras.Input((FEATURES,))
    return keras.Model(inputs, layers.Dense(OUTPUTS)(_Idle()(inputs)))


def _token_ids(rng, rows):
    ids = rng.integers(1, TOKENS, size=(rows, TIME))
    ids[np.arange(TIME) >= rng.integers(1, TIME + 1, size=rows)[:, None]] = 0
    return {"x": ids, "y": rng.normal(size=(rows, TIME, 2))}


def shrink(weights):
    """A constraint that is not idempotent: acting on idle steps too would show."""
    return 0.9 * weights


REGRESSION = Problem(_mlp(), _real_numbers)
MAX_NORM = Problem(_mlp(kernel_constraint=keras.constraints.MaxNorm(0.7)), _real_numbers)
SHRUNK = Problem(_mlp(kernel_constraint=shrink), _real_numbers)
L2 = Problem(_mlp(kernel_regularizer=keras.regularizers.L2(0.1)), _real_numbers)
LAYER_NORM = Problem(_normalized(layers.LayerNormalization), _real_numbers)
BATCH_NORM = Problem(_normalized(layers.BatchNormalization), _real_numbers)
WEIGHTED = Problem(_mlp(), _weighted_numbers)
WEIGHTS_WITH_ZEROS = Problem(_mlp(), _weights_with_zeros)
CLASSES = Problem(_mlp(), _classes)
IDLE_WEIGHT = Problem(_idle_weight, _real_numbers)
TWO_LOSSES = Problem(_two_outputs, _two_targets)
INTEGERS = Problem(_linear, _small_integers)
OVERFLOW = Problem(_linear, _one_row_overflows)
MASKED = Problem(_tokens_of_vectors, _sequences)
MASKED_WEIGHTED = Problem(_tokens_of_vectors, _weighted_sequences)
EMPTY_MICRO_BATCHES = Problem(_tokens_of_vectors, _empty_micro_batches)
VARYING_LENGTH = Problem(_tokens_of_vectors, _alternating_lengths)
EMBEDDING = Problem(_embedding(mask_zero=False), _token_ids)
DENSE_EMBEDDING = Problem(_dense_embedding, _token_ids)
MASKED_EMBEDDING = Problem(_embedding(mask_zero=True, trainable=False), _token_ids)
