"""The gradients of a loss with respect to some of the variables, inside any training step.

Keras has them inside `fit` only, and with respect to all of a model's weights at once. A game
has two losses and two sets of weights.
"""

import contextlib
from collections.abc import Callable, Iterator

import keras
from keras import ops

from blogkit.ops.child_scope import ChildScope


def loss_and_gradients(function: Callable, variables: list, has_aux: bool = False):
    """`function()`, a scalar loss, and its gradients with respect to `variables`.

    Works eagerly, in `tf.function`, in torch's loop, and on JAX in a `keras.StatelessScope`,
    compiled or not; losses may contain `value_and_gradient`. Other variables that the function
    updates (moving averages, seeds) are updated once.

    Args:
        function: Takes nothing and gives a scalar tensor.
        variables: List of `keras.Variable`s that are trainable.
        has_aux: Whether the function gives a pair of the loss and another tensor, to which no
            gradient belongs.

    Returns:
        The loss, or that pair, and a list of tensors, zeros for a variable that the loss does
        not depend on.

    Raises:
        ValueError: If the loss is not a scalar.

    Example: d/dw of w^2.

    >>> from blogkit.ops import loss_and_gradients
    >>> w = keras.Variable(3.0)
    >>> loss, (gradient,) = loss_and_gradients(lambda: w * w, [w])
    >>> float(loss), float(gradient)
    (9.0, 6.0)
    """
    variables = list(variables)

    def pair():
        loss, aux = function() if has_aux else (function(), 0.0)
        return _scalar(loss), ops.convert_to_tensor(aux)

    loss, aux, gradients = _BACKENDS[keras.backend.backend()](pair, variables)
    return ((loss, aux) if has_aux else loss), gradients


@contextlib.contextmanager
def no_gradients() -> Iterator[None]:
    """Context manager within which variables may be assigned: torch forbids it while it records gradients."""
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    with torch.no_grad():
        yield


def _scalar(loss):
    loss = ops.convert_to_tensor(loss)
    if tuple(loss.shape) != ():
        raise ValueError(f"The loss must be a scalar. Received: shape {tuple(loss.shape)}. Take its mean.")
    return loss


def _jax(function, variables):
    import jax

    written = []

    def pure(values):
        with ChildScope(variables, values) as scope:
            loss, aux = function()
        written[:] = scope.written
        return loss, (aux, scope.updates)

    (loss, (aux, updates)), gradients = jax.value_and_grad(pure, has_aux=True)([v.value for v in variables])
    for variable, value in zip(written, updates):
        variable.assign(value)
    return loss, aux, gradients


def _tensorflow(function, variables):
    import tensorflow as tf

    values = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        loss, aux = function()
    gradients = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return loss, aux, [tf.convert_to_tensor(gradient) for gradient in gradients]


def _torch(function, variables):
    import torch

    values = [variable.value for variable in variables]
    with torch.enable_grad():
        loss, aux = function()
        if not loss.requires_grad:
            return loss, aux.detach(), [torch.zeros_like(value) for value in values]
        # Not `backward`, which would also add to the `.grad` of the other player's weights.
        gradients = torch.autograd.grad(loss, values, allow_unused=True)
    gradients = [torch.zeros_like(v) if g is None else g for g, v in zip(gradients, values)]
    return loss.detach(), aux.detach(), gradients


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
