"""Weights of the paper's PyTorch code: its cell in NumPy, in its own order, against ours."""

import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, official_on_lstm_weights

FEATURES, UNITS, LEVELS = 5, 12, 4
ROWS = 2 * LEVELS + 4 * UNITS


@pytest.fixture
def state(rng):
    shapes = {"ih.0.weight": (ROWS, FEATURES), "ih.0.bias": ROWS, "hh.weight": (ROWS, UNITS), "hh.bias": ROWS}
    return {f"rnn.cells.1.{name}": rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}


def official_cell(state, x, h, c):
    """Reads rows as ordered-neurons does: master input and master forget first, then chunks."""
    w = {name.removeprefix("rnn.cells.1."): value.astype("float64") for name, value in state.items()}
    gates = w["ih.0.weight"] @ x + w["ih.0.bias"] + w["hh.weight"] @ h + w["hh.bias"]
    masters = []
    for logits in (gates[:LEVELS], gates[LEVELS : 2 * LEVELS]):
        e = np.exp(logits)
        masters.append(np.cumsum(e / e.sum())[:, None])
    master_input, master_forget = 1 - masters[0], masters[1]
    out, cell, ingate, forget = np.split(gates[2 * LEVELS :].reshape(4 * LEVELS, -1), 4)
    out, ingate, forget = (1 / (1 + np.exp(-gate)) for gate in (out, ingate, forget))
    overlap = master_forget * master_input
    forget = forget * overlap + (master_forget - overlap)
    ingate = ingate * overlap + (master_input - overlap)
    c = forget * c + ingate * np.tanh(cell)
    return (out * np.tanh(c)).ravel(), c, 1 - master_forget.mean()


def test_gives_the_same_outputs_and_distances(state, rng):
    layer = ONLSTM(UNITS, LEVELS, True, return_distances=True, master_input_gate="complement")
    layer.build((None, None, FEATURES))
    layer.set_weights(official_on_lstm_weights(state, LEVELS, prefix="rnn.cells.1."))
    x = rng.normal(size=(3, 6, FEATURES)).astype("float32")
    outputs, distances = map(ops.convert_to_numpy, layer(x))
    for row in range(3):
        h, c = np.zeros(UNITS), np.zeros((LEVELS, UNITS // LEVELS))
        for t in range(6):
            h, c, distance = official_cell(state, x[row, t], h, c)
            np.testing.assert_allclose(outputs[row, t], h, atol=1e-5)
            np.testing.assert_allclose(distances[row, t], distance, atol=1e-5)


def test_says_what_is_missing(state):
    with pytest.raises(ValueError, match=r"lacks ih\.0\.weight, .*`prefix`"):
        official_on_lstm_weights(state, LEVELS)
    with pytest.raises(ValueError, match="nothing"):
        official_on_lstm_weights({}, LEVELS)


@pytest.mark.parametrize("name", ["ih.0.weight", "ih.0.bias", "hh.weight", "hh.bias"])
def test_says_which_shapes_do_not_fit(name, state):
    state[f"rnn.cells.1.{name}"] = state[f"rnn.cells.1.{name}"][1:]
    with pytest.raises(ValueError, match="levels=4"):
        official_on_lstm_weights(state, LEVELS, prefix="rnn.cells.1.")


def test_levels_must_be_those_of_the_cell(state):
    with pytest.raises(ValueError, match="levels=3"):
        official_on_lstm_weights(state, 3, prefix="rnn.cells.1.")
