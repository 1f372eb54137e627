"""ONLSTM and ONLSTMCell, forward and gradients, against NumPy in float64."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell
from blogkit.ops import compiled, value_and_gradient

from .on_lstm_reference import gradients, run

GATES = ("reverse", "complement")
NAMES = ("x", "kernel", "recurrent_kernel", "bias", "h", "c")
FEATURES, UNITS, LEVELS, BATCH, TIME = 5, 12, 4, 3, 6
MASK = np.array([[1] * 6, [0, 1, 1, 0, 1, 0], [0] * 6], bool)


def values(units=UNITS, levels=LEVELS, time=TIME, seed=0):
    """Inputs, weights and states, and the weight of each result in the loss."""
    rng = np.random.default_rng(seed)
    width = 2 * levels + 4 * units
    given = {
        "x": rng.normal(size=(BATCH, time, FEATURES)),
        "kernel": rng.normal(size=(FEATURES, width)) / np.sqrt(FEATURES),
        "recurrent_kernel": rng.normal(size=(units, width)) / np.sqrt(units),
        "bias": rng.normal(size=width),
        "h": rng.uniform(-1, 1, size=(BATCH, units)),
        "c": rng.normal(size=(BATCH, units)),
    }
    # Of the size that makes the gradients about 1.
    loss = [rng.normal(size=shape) / 10 for shape in ((BATCH, time, units), (BATCH, time), (BATCH, units))]
    return given, loss


def reference(given, loss, levels, gate, mask):
    """Outputs, distances, last c, and the gradients of all that is given, by NumPy."""
    weights = [given[name] for name in NAMES[1:4]]
    results, total = [], {name: np.zeros_like(value) for name, value in given.items()}
    for b in range(BATCH):
        rows = None if mask is None else mask[b]
        *found, tape = run(given["x"][b], *weights, given["h"][b], given["c"][b], levels, gate, rows)
        results.append(found)
        backward = gradients(given["x"][b], *weights, tape, *(w[b] for w in loss), levels, gate)
        for name, gradient in zip(NAMES, backward):
            if name in ("x", "h", "c"):
                total[name][b] = gradient
            else:
                total[name] += gradient
    return [np.array(column) for column in zip(*results)], total


def loss_of(results, loss):
    return sum((r * w).sum() for r, w in zip(results, loss))


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("mask", [None, MASK])
def test_the_reference_has_the_gradient_of_finite_differences(gate, mask):
    given, loss = values(units=4, levels=2)
    _, got = reference(given, loss, 2, gate, mask)
    rng = np.random.default_rng(1)
    for name, value in given.items():
        direction = rng.normal(size=value.shape)
        sides = [
            loss_of(reference({**given, name: value + e * direction}, loss, 2, gate, mask)[0], loss)
            for e in (1e-5, -1e-5)
        ]
        # Central differences: an error of 1e-10 from the third derivative, 1e-11 from rounding.
        np.testing.assert_allclose((sides[0] - sides[1]) / 2e-5, (got[name] * direction).sum(), atol=2e-9)


def layer_results(layer, given, loss, mask):
    """Outputs, distances (if the layer has them), last c, and the gradients of all that is given."""
    shapes = [value.shape for value in given.values()]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    layer.build((BATCH, None, FEATURES))

    def split(flat):
        return [flat[end - np.prod(shape) : end].reshape(shape) for shape, end in zip(shapes, ends)]

    def results(flat):
        x, *variables, h, c = (
            ops.reshape(flat[int(end - np.prod(shape)) : int(end)], shape) for shape, end in zip(shapes, ends)
        )
        with keras.StatelessScope(list(zip(layer.trainable_variables, variables))):
            *found, _, last_c = layer(x, initial_state=[h, c], mask=mask)
        return (*found, last_c)

    def total(flat):
        found = results(flat)
        weights = loss if len(found) == 3 else loss[::2]
        return sum(ops.sum(result * ops.convert_to_tensor(w, "float32")) for result, w in zip(found, weights))

    run_all = compiled(lambda flat: (*results(flat), value_and_gradient(total, flat)[1]))
    flat = np.concatenate([value.ravel() for value in given.values()]).astype("float32")
    *found, gradient = map(ops.convert_to_numpy, run_all(ops.convert_to_tensor(flat)))
    return found, dict(zip(given, split(gradient)))


def assert_equal(layer, gate, mask, levels=LEVELS, distances=True, **sizes):
    given, loss = values(levels=levels, **sizes)
    if not distances:
        loss[1] = 0 * loss[1]
    expected, expected_gradients = reference(given, loss, levels, gate, mask)
    if not distances:
        del expected[1]
    found, found_gradients = layer_results(layer, given, loss, mask)
    assert len(found) == len(expected)
    worst = [np.abs(a - b).max() for a, b in zip(found, expected)]
    worst += [np.abs(found_gradients[name] - expected_gradients[name]).max() for name in NAMES]
    assert np.abs(expected_gradients["recurrent_kernel"]).max() > 0.01
    # float32: rounding is about 1e-7 of numbers around 1, over the steps.
    assert max(worst) <= 1e-5, worst


@functools.cache
def on_lstm(gate, **options):
    return ONLSTM(
        UNITS, LEVELS, True, return_distances=True, return_state=True, master_input_gate=gate, **options
    )


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
def test_layer(gate, mask):
    assert_equal(on_lstm(gate), gate, mask)


def test_layer_unrolled():
    assert_equal(on_lstm("complement", unroll=True), "complement", MASK[:, 2:4], time=2)


def test_layer_with_the_backends_own_gradient():
    layer = on_lstm("reverse", activation=lambda x: keras.ops.tanh(x))
    assert_equal(layer, "reverse", MASK)


@pytest.mark.parametrize("gate", GATES)
def test_cell(gate):
    rnn = keras.layers.RNN(
        ONLSTMCell(UNITS, LEVELS, master_input_gate=gate), return_sequences=True, return_state=True
    )
    assert_equal(rnn, gate, None, distances=False)


@pytest.mark.parametrize(
    ("gate", "units", "levels", "time"),
    [("reverse", 6, 6, 60), ("reverse", 4, 1, 3)],
)
def test_other_sizes(gate, units, levels, time):
    layer = ONLSTM(units, levels, True, return_distances=True, return_state=True, master_input_gate=gate)
    assert_equal(layer, gate, None, units=units, levels=levels, time=time)
