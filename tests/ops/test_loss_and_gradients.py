"""Gradients of a loss with respect to some variables: values, side effects, compiled code, errors."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import loss_and_gradients, no_gradients, value_and_gradient

BACKEND = keras.backend.backend()


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def test_by_hand():
    w, v, other = (keras.Variable(value) for value in ([1.0, -2.0], [3.0, 0.5], 7.0))
    loss, (by_w, by_v, by_other) = loss_and_gradients(lambda: ops.sum(w * w * v), [w, v, other])
    assert float(loss) == 5.0
    np.testing.assert_allclose(numpy(by_w), [6, -2])
    np.testing.assert_allclose(numpy(by_v), [1, 4])
    assert float(by_other) == 0  # the loss does not depend on it


def test_gradient_penalty_inside():
    # d/dw of |d/dx (w x^2 / 2)|^2 = 2 w x^2
    w, x = keras.Variable(3.0), np.array([[1.0], [2.0]], "float32")

    def penalty():
        return ops.sum(value_and_gradient(lambda x: w * x[:, 0] ** 2 / 2, x)[1] ** 2)

    loss, (gradient,) = loss_and_gradients(penalty, [w])
    assert (float(loss), float(gradient)) == (45.0, 30.0)


def test_loss_without_any_of_the_variables():
    w = keras.Variable([1.0, 2.0])
    loss, (gradient,) = loss_and_gradients(lambda: ops.ones(()), [w])
    assert float(loss) == 1 and not numpy(gradient).any()


def normalizing_model():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(1),
            keras.layers.Reshape(()),
        ]
    )


@pytest.mark.parametrize("inner", [False, True])
def test_other_variables_are_updated_once(inner):
    """A moving mean and a seed, by the loss or by a gradient with respect to the input inside it."""
    model, x = normalizing_model(), np.ones((4, 3), "float32")
    kernel = model.trainable_weights[-2]
    seeds = [v for v in model.non_trainable_variables if "seed" in v.path]
    before = [numpy(seed) for seed in seeds]

    def loss():
        if inner:
            return ops.sum(value_and_gradient(lambda x: model(x, training=True), x)[1] ** 2)
        return ops.sum(model(x, training=True) ** 2)

    loss_and_gradients(loss, [kernel])
    moving_mean = next(v for v in model.non_trainable_weights if v.name == "moving_mean")
    np.testing.assert_allclose(numpy(moving_mean), 0.5)  # 0.75 after two updates
    assert any((numpy(seed) != old).any() for seed, old in zip(seeds, before))


def test_in_a_stateless_scope():
    """As JAX trains: variables have the scope's values, updates stay in the scope."""
    if BACKEND != "jax":
        pytest.skip("only JAX trains without state")
    import jax

    model, x = normalizing_model(), np.ones((4, 3), "float32")
    variables = model.variables

    @jax.jit
    def step(values):
        with keras.StatelessScope(list(zip(variables, values))) as scope:
            _, gradients = loss_and_gradients(
                lambda: ops.sum(value_and_gradient(lambda x: model(x, training=True), x)[1] ** 2),
                model.trainable_weights,
            )
            for variable, gradient in zip(model.trainable_weights, gradients):
                variable.assign(variable - 0.1 * gradient)
        return [scope.get_current_value(v) for v in variables], gradients

    doubled = [2 * v.value if v.trainable else v.value for v in variables]
    after, gradients = step(doubled)
    index = [v.path for v in variables].index(model.trainable_weights[-2].path)
    np.testing.assert_allclose(after[index], doubled[index] - 0.1 * gradients[-2], rtol=1e-5)
    assert np.abs(gradients[-2]).max() > 0
    mean = next(i for i, v in enumerate(variables) if v.name == "moving_mean")
    np.testing.assert_allclose(after[mean], 0.5)
    assert not numpy(variables[mean]).any()


def test_no_gradient_stays_with_the_weights():
    w = keras.Variable(2.0)
    loss, (gradient,) = loss_and_gradients(lambda: w * w, [w])
    with no_gradients():
        w.assign_sub(gradient)
    assert float(numpy(w)) == -2
    if BACKEND == "torch":
        assert w.value.grad is None and not loss.requires_grad


def test_loss_that_is_no_scalar():
    w = keras.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"must be a scalar.*\(2,\).*mean"):
        loss_and_gradients(lambda: w * 1, [w])
