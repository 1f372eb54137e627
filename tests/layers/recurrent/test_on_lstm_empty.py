"""A batch without samples gives a result without samples, as Keras' own layers do on JAX and torch."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell

SETTINGS = [
    {},
    {"activation": "relu"},  # without the fused backward pass
    {"unroll": True},
    {"go_backwards": True, "zero_output_for_mask": True},
    {"dropout": 0.5, "dropconnect": 0.5},
    {"master_input_gate": "complement"},
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("masked", [False, True])
def test_an_empty_batch_has_the_shapes_of_any_other(settings, masked):
    layer = ONLSTM(6, 3, return_sequences=True, return_state=True, return_distances=True, **settings)
    for batch in (0, 2):
        sequences, mask = np.zeros((batch, 5, 4), "float32"), np.ones((batch, 5), bool)
        results = layer(sequences, mask=mask if masked else None, training=True)
        shapes = [tuple(result.shape) for result in results]
        assert shapes == [(batch, 5, 6), (batch, 5), (batch, 6), (batch, 6)]


def test_the_cell_takes_an_empty_batch():
    state = np.zeros((0, 6), "float32")
    output, states = ONLSTMCell(6, 3)(np.zeros((0, 4), "float32"), [state, state])
    assert [tuple(found.shape) for found in (output, *states)] == [(0, 6)] * 3


def test_an_empty_batch_leaves_no_trace_in_the_next():
    keras.utils.set_random_seed(0)
    layer, other = ONLSTM(6, 3), ONLSTM(6, 3)
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    other.build(x.shape)
    layer(x[:0])
    other.set_weights(layer.get_weights())
    np.testing.assert_array_equal(*(ops.convert_to_numpy(found(x)) for found in (layer, other)))


@pytest.mark.parametrize("unroll", [False, True])
def test_a_sequence_has_at_least_one_step(unroll):
    with pytest.raises(ValueError, match=r"at least one step.*Received: sequences of shape \(2, 0, 4\)"):
        ONLSTM(6, 3, unroll=unroll)(np.zeros((2, 0, 4), "float32"))
