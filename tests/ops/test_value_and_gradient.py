"""dE/dx against closed forms and finite differences, eager and compiled, and its errors."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import compiled, value_and_gradient

BACKEND = keras.backend.backend()


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def quartic(x):
    """sum_j j x_j^4 / 4, so that the gradient is j x_j^3."""
    return ops.sum(ops.arange(1, x.shape[1] + 1, dtype=x.dtype) * x**4, axis=1) / 4


def eager(function, x):
    return value_and_gradient(function, x)


def in_compiled_code(function, x):
    return compiled(lambda x: value_and_gradient(function, x))(x)


RUNS = pytest.mark.parametrize("run", [eager, in_compiled_code])


@RUNS
def test_gradient_of_each_samples_own_value(run, rng):
    x = rng.normal(size=(5, 3)).astype("float32")
    values, gradient = run(quartic, x)
    np.testing.assert_allclose(numpy(values), (np.arange(1, 4) * x**4).sum(1) / 4, rtol=1e-5)
    np.testing.assert_allclose(numpy(gradient), np.arange(1, 4) * x**3, rtol=1e-5)


@RUNS
def test_gradient_of_a_scalar(run, rng):
    x = rng.normal(size=(5, 3)).astype("float32")
    value, gradient = run(lambda x: ops.mean(x * x), x)
    assert tuple(value.shape) == ()
    np.testing.assert_allclose(numpy(gradient), 2 * x / 15, rtol=1e-5)


@RUNS
def test_float64_stays_float64(run, float64, rng):
    x = rng.normal(size=(5, 3))
    values, gradient = run(lambda x: (x * x * x)[:, 0], x)
    assert str(numpy(values).dtype) == str(numpy(gradient).dtype) == "float64"
    # 1e-12: impossible in float32
    np.testing.assert_allclose(numpy(gradient)[:, 0], 3 * x[:, 0] ** 2, rtol=1e-12)


def make_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((9,)),
            keras.layers.Dense(4, activation="swish"),
            keras.layers.Dense(1),
            keras.layers.Reshape(()),
        ]
    )


@RUNS
def test_keras_model_against_finite_differences(run, rng):
    model = make_model()
    x = rng.normal(size=(2, 9)).astype("float32")
    _, gradient = run(model, x)
    direction = rng.normal(size=x.shape).astype("float32")
    h = 1e-2  # float32: the error of the difference is about 1e-7 / h + h^2
    difference = (numpy(model(x + h * direction)) - numpy(model(x - h * direction))) / (2 * h)
    np.testing.assert_allclose((numpy(gradient) * direction).sum(1), difference, atol=1e-3)


def test_compiled_code_sees_the_weights_after_training(rng):
    model = make_model()
    x = rng.normal(size=(2, 9)).astype("float32")
    run = compiled(lambda x: value_and_gradient(model, x))
    before = numpy(run(x)[1])
    for weight in model.weights:
        weight.assign(weight * 2.0)
    after = numpy(run(x)[1])
    np.testing.assert_allclose(after, numpy(value_and_gradient(model, x)[1]), rtol=1e-4, atol=1e-6)
    assert np.abs(after - before).max() > 0.1 * np.abs(before).max()


def test_gradient_penalty_differentiates_again(rng):
    # d/dw of |d/dx (w x^2)|^2 = d/dw 4 w^2 x^2 = 8 w x^2
    x = rng.normal(size=(4, 1)).astype("float32")
    w = keras.Variable(3.0)

    def penalty():
        _, gradient = value_and_gradient(lambda x: w * x[:, 0] ** 2, x)
        return ops.sum(gradient**2)

    np.testing.assert_allclose(numpy(weight_gradient(penalty, w)), 24 * (x**2).sum(), rtol=1e-5)


def weight_gradient(function, variable):
    if BACKEND == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = function()
        return tape.gradient(value, variable.value)
    if BACKEND == "jax":
        import jax

        def with_value(value):
            with keras.StatelessScope([(variable, value)]):
                return function()

        return jax.grad(with_value)(variable.value)
    function().backward()
    return variable.value.grad


def test_weights_get_no_gradient():
    if BACKEND != "torch":
        pytest.skip("only torch keeps gradients with the weights")
    model = make_model()
    value_and_gradient(model, np.ones((2, 9), "float32"))
    assert all(weight.value.grad is None for weight in model.weights)


def test_builds_no_graph_where_torch_builds_none():
    if BACKEND != "torch":
        pytest.skip("torch only")
    import torch

    with torch.no_grad():
        values, gradient = value_and_gradient(make_model(), np.ones((2, 9), "float32"))
    assert not values.requires_grad and not gradient.requires_grad


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x, r"one value per sample.*shape \(4, 2\).*Sum over"),
        (lambda x: x[:, :1], r"shape \(4, 1\).*Reshape"),
        (lambda x: x[:3, 0], r"shape \(3,\) for x of shape \(4, 2\)"),
        (lambda x: ops.argmax(x, axis=1), r"floating-point values.*dtype int"),
    ],
)
@RUNS
def test_energy_of_another_shape_or_type(run, function, message):
    with pytest.raises(ValueError, match=message):
        run(function, np.ones((4, 2), "float32"))


def test_input_without_gradient():
    with pytest.raises(ValueError, match="floating point.*dtype int"):
        value_and_gradient(quartic, np.ones((4, 2), "int32"))
    with pytest.raises(ValueError, match="batch axis"):
        value_and_gradient(ops.square, np.float32(1))


@pytest.mark.parametrize("function", [lambda x: ops.ones((4,)), lambda x: ops.sum(ops.stop_gradient(x), 1)])
def test_energy_that_does_not_depend_on_x(function):
    x = np.ones((4, 2), "float32")
    if BACKEND == "jax":  # cannot be told from a flat energy
        assert not numpy(value_and_gradient(function, x)[1]).any()
        return
    with pytest.raises(ValueError, match="differentiable way"):
        value_and_gradient(function, x)
