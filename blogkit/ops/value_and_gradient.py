"""The gradient of an energy, or of any other function, with respect to its input.

Keras differentiates with respect to weights, inside `fit`. A sampler needs dE/dx, and a
gradient penalty dD/dx. A backend is imported where its own code runs.
"""

from collections.abc import Callable

import keras
from keras import ops

from blogkit.ops.child_scope import ChildScope


def value_and_gradient(function: Callable, x):
    """`function(x)` and its gradient with respect to `x`.

    For a `function` with one value per sample, `E: (batch, ...) -> (batch,)`, the gradient
    is the one of each sample's own value,

        gradient[i] = d E(x)[i] / d x[i],

    computed at once as the gradient of sum_i E(x)[i]. The two agree if no sample looks at
    another, which BatchNormalization with `training=True` does. For a scalar `function`
    it is simply the gradient.

    Works eagerly and in compiled code (`tf.function`, `jax.jit`), in the precision of `x`,
    and can be differentiated again, as a gradient penalty needs. torch remembers what that
    takes unless gradients are off (`torch.no_grad()`). The weights of a Keras model get no
    gradient from it.

    Args:
        function: A callable or a Keras model, `(batch, ...) -> (batch,)` or `-> ()`.
        x: Floating-point tensor or array of shape `(batch, ...)`.

    Returns:
        The values, of shape `(batch,)` or `()`, and the gradient, of the shape of `x`.

    Raises:
        ValueError: If `x` has no batch axis or is not floating point, if the values have
            another shape or type, or do not depend on `x` in a differentiable way. JAX
            cannot tell the latter from a flat function: there the gradient is zero.

    Example:

    >>> import numpy as np
    >>> from blogkit.ops import value_and_gradient
    >>> x = np.array([[1.0, 2.0], [0.0, 3.0]], "float32")
    >>> energy, gradient = value_and_gradient(lambda x: keras.ops.sum(x**2, axis=-1) / 2, x)
    >>> keras.ops.convert_to_numpy(gradient).tolist()
    [[1.0, 2.0], [0.0, 3.0]]
    """
    x = ops.convert_to_tensor(x)
    dtype = keras.backend.standardize_dtype(x.dtype)
    if "float" not in dtype:
        raise ValueError(
            "`x` must be floating point to have a gradient. "
            f"Received: x of dtype {dtype}. Cast it: `x.astype('float32')`."
        )
    if len(x.shape) == 0:
        raise ValueError(
            "`x` must have a batch axis, `(batch, ...)`. Received: a scalar. Reshape it: `x.reshape(1, -1)`."
        )
    return _BACKENDS[keras.backend.backend()](lambda x: _checked(function(x), x), x)


def _checked(values, x):
    """`values` as a tensor, if it is one floating-point value per sample or in all."""
    values = ops.convert_to_tensor(values)
    shape, dtype = tuple(values.shape), keras.backend.standardize_dtype(values.dtype)
    if len(shape) > 1 or (len(shape) == 1 and None not in (shape[0], x.shape[0]) and shape[0] != x.shape[0]):
        remedy = "Sum over the other axes."
        if len(shape) == 2 and shape[1] == 1:
            remedy = "Take `[:, 0]`, or end the model with `keras.layers.Reshape(())`."
        raise ValueError(
            "The energy must return one value per sample, of shape (batch,), or a scalar. "
            f"Received: shape {shape} for x of shape {tuple(x.shape)}. {remedy}"
        )
    if "float" not in dtype:
        raise ValueError(
            f"The energy must return floating-point values to have a gradient. Received: dtype {dtype}."
        )
    return values


def _no_gradient():
    return ValueError(
        "The value does not depend on x in a differentiable way: it has no gradient. "
        "Look for a rounding, an argmax, a detached tensor or a conversion to NumPy in it."
    )


def _jax(function, x):
    import jax

    written = []

    def pure(x):
        # A model may update variables on the way (a seed, a moving average).
        with ChildScope() as scope:
            values = function(x)
        written[:] = scope.written
        return values, scope.updates

    values, pull_back, updates = jax.vjp(pure, x, has_aux=True)
    for variable, value in zip(written, updates):
        variable.assign(value)
    (gradient,) = pull_back(jax.numpy.ones_like(values))
    return values, gradient


def _tensorflow(function, x):
    import tensorflow as tf

    # The weights are not watched: an outer tape does that, if there is one.
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        values = function(x)
    gradient = tape.gradient(values, x)  # of the sum of `values`
    if gradient is None:
        raise _no_gradient()
    return values, tf.convert_to_tensor(gradient)  # not IndexedSlices


def _torch(function, x):
    import torch

    differentiable_again = torch.is_grad_enabled()
    with torch.enable_grad():
        if not (differentiable_again and x.requires_grad):
            x = x.detach().requires_grad_()
        values = function(x)
        if not values.requires_grad:
            raise _no_gradient()
        # Not `backward`, which would also add to the `.grad` of the weights.
        (gradient,) = torch.autograd.grad(
            values.sum(), x, create_graph=differentiable_again, allow_unused=True
        )
    if gradient is None:
        raise _no_gradient()
    return (values, gradient) if differentiable_again else (values.detach(), gradient)


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
