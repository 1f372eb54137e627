"""scan and with_gradient: every output shape, both directions, gradients of several inputs."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import compiled, scan, value_and_gradient, with_gradient

LIKE = (keras.KerasTensor((2, 3)), keras.KerasTensor((2,)))


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def step(carry, slices):
    (state,), (x, factor) = carry, slices
    state = state * factor + x
    return (state,), (state, state[:, 0])


@pytest.fixture
def inputs(rng):
    return rng.normal(size=(5, 2, 3)).astype("float32"), rng.normal(size=(5, 1, 1)).astype("float32")


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_as_a_loop(inputs, reverse, unroll):
    def run(*inputs):
        return scan(step, (ops.ones((2, 3)),), inputs, LIKE, reverse=reverse, unroll=unroll)

    for function in (run, compiled(run)):
        (last,), (states, firsts) = function(*map(ops.convert_to_tensor, inputs))
        state, expected = np.ones((2, 3)), [None] * 5
        for t in range(5)[:: -1 if reverse else 1]:
            expected[t] = state = state * inputs[1][t] + inputs[0][t]
        np.testing.assert_allclose(numpy(states), expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(numpy(firsts), numpy(states)[:, :, 0])
        np.testing.assert_array_equal(numpy(last), numpy(states)[0 if reverse else -1])
        assert tuple(states.shape) == (5, 2, 3)


def test_gradients_flow_through(inputs):
    x, factors = inputs

    def last(x):
        return ops.sum(scan(step, (ops.zeros((2, 3)),), (x, ops.convert_to_tensor(factors)), LIKE)[0][0])

    _, gradient = value_and_gradient(last, x)
    expected = np.cumprod(np.append(factors.ravel(), 1)[:0:-1])[::-1]  # of the factors after each
    np.testing.assert_allclose(numpy(gradient)[:, 0, 0], expected, rtol=1e-5)


def product(forward_calls):
    """x * y * number, with a backward pass that can be told from the true one by a factor 10."""

    def forward(x, y, flags):
        forward_calls.append(1)
        return (x * y, x + y), (x, y)

    def backward(residuals, gradients):
        (x, y), (d_product, d_sum) = residuals, gradients
        return 10 * d_product * y + d_sum, 10 * d_product * x, None

    return with_gradient(forward, backward)


def test_gradient_is_the_one_given():
    function = product([])
    x = ops.convert_to_tensor(np.array([2.0, 3.0], "float32"))
    y = ops.convert_to_tensor(np.array([5.0, 7.0], "float32"))
    flags = ops.convert_to_tensor([True, False])
    for use, expected in (
        (lambda x: function(x, y, flags)[0], [50, 70]),
        (lambda x: function(y, x, flags)[0], [50, 70]),
        (lambda x: function(x, y, flags)[1], [1, 1]),
        (lambda x: function(x, x, flags)[0] + function(y, x, flags)[1], [40, 60]),
    ):
        values, gradient = value_and_gradient(use, x)
        np.testing.assert_allclose(numpy(gradient), expected)
    np.testing.assert_allclose(numpy(values), [4 + 7, 9 + 10])


def test_gradient_of_a_keras_variable(rng):
    variable = keras.Variable(np.array([2.0, 3.0], "float32"))
    function = product([])
    flags = ops.convert_to_tensor([True, False])
    _, gradient = value_and_gradient(
        lambda x: function(x, ops.convert_to_tensor(variable), flags)[0], np.ones(2, "float32")
    )
    np.testing.assert_allclose(numpy(gradient), [20, 30])


def test_an_error_in_the_forward_pass_is_raised():
    def forward(x):
        raise KeyError("as it is")

    with pytest.raises(KeyError, match="as it is"):
        with_gradient(forward, lambda residuals, gradients: gradients)(ops.ones((1,)))


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="the others do not compile it")
def test_jax_compiles_it_once():
    calls = []
    function = product(calls)
    for _ in range(3):
        function(ops.ones((2,)), ops.ones((2,)), ops.ones((2,), "bool"))
    assert len(calls) == 1
