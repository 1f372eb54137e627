"""What a user of Keras' recurrent layers expects, of ONLSTM and ONLSTMCell."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell

BACKEND = keras.backend.backend()
UNITS, LEVELS, SHAPE = 12, 4, (3, 6, 5)
MASKS = {
    "right": [[1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0], [1] * 6],
    "left": [[0, 0, 1, 1, 1, 1], [0] * 5 + [1], [1] * 6],
    "middle": [[1, 0, 0, 1, 1, 1], [1, 1, 0, 1, 0, 1], [0, 1, 1, 1, 1, 0]],
    "all false": [[0] * 6, [1] * 6, [0] * 6],
}


@pytest.fixture
def x(rng):
    return rng.normal(size=SHAPE).astype("float32")


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def built(layer, like=None):
    """`layer` with the weights of `like`, or with weights and biases far from 0."""
    layer.build(SHAPE)
    rng = np.random.default_rng(1)
    for i, variable in enumerate(layer.trainable_weights):
        # A copy: `fit` on JAX gives the memory of a model's weights away.
        variable.assign(numpy(like.trainable_weights[i]) if like else rng.normal(size=variable.shape) / 2)
    return layer


def in_rnn(layer, **options):
    """The same weights, step by step."""
    cell = ONLSTMCell(UNITS, LEVELS, master_input_gate=layer.master_input_gate)
    return built(keras.layers.RNN(cell, return_sequences=True, return_state=True, **options), layer)


def close(a, b, atol=1e-6):
    np.testing.assert_allclose(numpy(a), numpy(b), atol=atol)  # float32, six steps of numbers below 1


@pytest.fixture(scope="module")
def plain():
    return built(ONLSTM(UNITS, LEVELS, True, return_distances=True, return_state=True))


@pytest.fixture(scope="module")
def steps(plain):
    return in_rnn(plain)


@pytest.mark.parametrize("name", MASKS)
def test_masks_as_in_keras_rnn(name, plain, steps, x):
    mask = ops.convert_to_tensor(np.array(MASKS[name], bool))
    outputs, distances, h, c = plain(x, mask=mask)
    for a, b in zip((outputs, h, c), steps(x, mask=mask)):
        close(a, b)
    assert (numpy(distances)[~numpy(mask).astype(bool)] == 0).all()
    # What is masked cannot be seen in anything.
    other = np.where(numpy(mask)[..., None] > 0, x, 9).astype("float32")
    for a, b in zip((outputs, distances, h, c), plain(other, mask=mask)):
        np.testing.assert_array_equal(numpy(a), numpy(b))


def test_masked_steps_repeat_the_state_or_are_zero(plain, x):
    mask = ops.convert_to_tensor(np.array(MASKS["middle"], bool))
    start = [np.ones((3, UNITS), "float32")] * 2
    outputs, _, h, _ = plain(x, initial_state=start, mask=mask)
    assert (numpy(outputs)[2, 0] == 1).all()
    np.testing.assert_array_equal(numpy(outputs)[2, 4:], [numpy(h)[2]] * 2)
    zero = built(ONLSTM(UNITS, LEVELS, True, zero_output_for_mask=True), plain)
    expected = numpy(outputs) * numpy(mask)[..., None]
    np.testing.assert_array_equal(numpy(zero(x, initial_state=start, mask=mask)), expected)


def test_padding_on_the_right_changes_nothing(plain, x):
    mask = ops.convert_to_tensor(np.array([[1, 1, 1, 1, 0, 0]] * 3, bool))
    _, _, *states = plain(x, mask=mask)
    _, _, *short = plain(x[:, :4])
    for a, b in zip(states, short):
        close(a, b, atol=1e-7)


def test_last_output_is_that_of_the_sequence(plain, x):
    outputs, _, h, _ = plain(x)
    last, distances = built(ONLSTM(UNITS, LEVELS, return_distances=True), plain)(x)
    np.testing.assert_array_equal(numpy(last), numpy(outputs)[:, -1])
    np.testing.assert_array_equal(numpy(last), numpy(h))
    assert tuple(distances.shape) == SHAPE[:2]


def test_two_halves_are_one_call(plain, x):
    outputs, distances, h, c = plain(x)
    first, d, *state = plain(x[:, :3])
    second, e, *state = plain(x[:, 3:], initial_state=state)
    close(ops.concatenate([first, second], axis=1), outputs)
    close(ops.concatenate([d, e], axis=1), distances)
    close(state[0], h)
    close(state[1], c)


def test_stateful(plain, x):
    outputs = plain(x)[0]
    layer = built(ONLSTM(UNITS, LEVELS, True, stateful=True), plain)
    halves = [layer(x[:, :3]), layer(x[:, 3:])]
    close(ops.concatenate(halves, axis=1), outputs)
    layer.reset_state()
    np.testing.assert_array_equal(numpy(layer(x[:, :3])), numpy(halves[0]))


def test_stateful_in_fit(plain, x):
    inputs = keras.Input(batch_shape=SHAPE)
    layer = built(ONLSTM(UNITS, LEVELS, stateful=True), plain)
    model = keras.Model(inputs, layer(inputs))
    model.compile(keras.optimizers.SGD(0.0), "mse")
    model.fit(x, np.ones((3, UNITS)), batch_size=3, epochs=3, shuffle=False, verbose=0)
    if BACKEND == "jax":  # whose trainer loses the states of Keras' own layers, too
        return
    _, _, *state = plain(np.concatenate([x] * 3, axis=1))
    for a, b in zip(layer.states, state):
        close(a, b)


def test_go_backwards(plain, x):
    mask = np.array(MASKS["middle"], bool)
    backwards = ONLSTM(UNITS, LEVELS, True, return_distances=True, return_state=True, go_backwards=True)
    got = built(backwards, plain)(x, mask=ops.convert_to_tensor(mask))
    flipped = np.ascontiguousarray(x[:, ::-1])
    expected = plain(flipped, mask=ops.convert_to_tensor(np.ascontiguousarray(mask[:, ::-1])))
    for a, b in zip(got, expected):
        np.testing.assert_array_equal(numpy(a), numpy(b))


def test_bidirectional(x):
    mask = ops.convert_to_tensor(np.array(MASKS["right"], bool))
    both = keras.layers.Bidirectional(ONLSTM(UNITS, LEVELS, True, return_distances=True, return_state=True))
    assert [tuple(s) for s in both.compute_output_shape(SHAPE)][:2] == [(3, 6, 2 * UNITS), (3, 6)]
    output, d, h, c, backward_d, backward_h, backward_c = both(x, mask=mask)
    forward, backward = both.forward_layer(x, mask=mask), both.backward_layer(x, mask=mask)
    close(output[..., :UNITS], forward[0])
    close(output[..., UNITS:], ops.flip(backward[0], axis=1))
    for a, b in zip((d, h, c, backward_d, backward_h, backward_c), (*forward[1:], *backward[1:])):
        close(a, b)
    assert (numpy(output)[1, 2:] == 0).all()


def test_stacked_cells(x):
    cells = [ONLSTMCell(UNITS, LEVELS), ONLSTMCell(UNITS, LEVELS, master_input_gate="complement")]
    stacked = keras.layers.RNN(cells, return_sequences=True)
    got = stacked(x)
    layers = [ONLSTM(UNITS, LEVELS, True), ONLSTM(UNITS, LEVELS, True, master_input_gate="complement")]
    expected = x
    for layer, cell in zip(layers, cells):
        layer.build(tuple(expected.shape))
        layer.set_weights(cell.get_weights())
        expected = layer(expected)
    close(got, expected)


def test_inputs_are_projected_once(monkeypatch, plain, x):
    shapes = []
    project = ONLSTMCell.project
    monkeypatch.setattr(
        ONLSTMCell, "project", lambda cell, x: shapes.append(len(x.shape)) or project(cell, x)
    )
    plain(x)
    assert shapes == [3]


@pytest.mark.parametrize(("dtype", "bound"), [("mixed_bfloat16", 2e-2), ("float64", 1e-6)])
def test_precision(dtype, bound, plain, x, float64):
    layer = built(ONLSTM(UNITS, LEVELS, True, return_distances=True, return_state=True, dtype=dtype), plain)
    results = layer(x)
    compute = layer.compute_dtype
    assert {keras.backend.standardize_dtype(r.dtype) for r in results} == {compute}
    # A few roundings of 2^-8; Keras' tanh is float32 at best on JAX.
    for a, b in zip(results, plain(x)):
        close(a, b, bound)
    assert layer.cell.kernel.dtype == ("float64" if dtype == "float64" else "float32")


def test_weights_are_initialized_regularized_and_constrained(x):
    options = {
        "kernel_initializer": "ones",
        "recurrent_initializer": keras.initializers.Constant(2.0),
        "bias_initializer": keras.initializers.Constant(3.0),
        "kernel_regularizer": keras.regularizers.L1(1.0),
        "recurrent_regularizer": keras.regularizers.L1(10.0),
        "bias_regularizer": keras.regularizers.L1(100.0),
        "kernel_constraint": keras.constraints.NonNeg(),
        "recurrent_constraint": keras.constraints.MaxNorm(1),
        "bias_constraint": keras.constraints.UnitNorm(axis=0),
        "activity_regularizer": keras.regularizers.L1(0.0),
    }
    layer = ONLSTM(UNITS, LEVELS, **options)
    layer.build(SHAPE)
    kernel, recurrent, bias = map(numpy, layer.trainable_weights)
    width = 2 * LEVELS + 4 * UNITS
    assert kernel.shape == (5, width) and (kernel == 1).all()
    assert recurrent.shape == (UNITS, width) and (recurrent == 2).all()
    forget = np.arange(2 * LEVELS, 2 * LEVELS + UNITS)
    np.testing.assert_array_equal(bias, np.where(np.isin(np.arange(width), forget), 1, 3))
    penalties = sorted(float(ops.convert_to_numpy(ops.stop_gradient(loss))) for loss in layer.losses)
    np.testing.assert_allclose(penalties, [5 * width, 20 * UNITS * width, 100 * bias.sum()], rtol=1e-6)
    for variable, kind in zip(layer.trainable_weights, ("NonNeg", "MaxNorm", "UnitNorm")):
        assert type(variable.constraint).__name__ == kind
    assert isinstance(layer.activity_regularizer, keras.regularizers.L1)


def test_bias_may_start_at_zero_or_be_left_out(x):
    layer = ONLSTM(UNITS, LEVELS, unit_forget_bias=False)
    layer.build(SHAPE)
    assert (numpy(layer.cell.bias) == 0).all()
    without = ONLSTM(UNITS, LEVELS, use_bias=False)
    without.build(SHAPE)
    assert len(without.weights) == len(layer.weights) - 1
    for variable, other in zip(without.trainable_weights, layer.trainable_weights):
        variable.assign(other)
    close(without(x), layer(x))


def test_not_trainable():
    layer = ONLSTM(UNITS, LEVELS, trainable=False)
    layer.build(SHAPE)
    assert layer.trainable_weights == []
