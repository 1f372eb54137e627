"""A function with a custom backward pass, several outputs and any residuals.

`keras.ops.custom_gradient` does not carry over: on torch it takes one output, keeps nothing
but the inputs, and turns an error in the forward pass into a gradient of NaN.
"""

from collections.abc import Callable

import keras


def with_gradient(forward: Callable, backward: Callable) -> Callable:
    """A function `(*inputs) -> outputs` whose gradient is what `backward` says.

    Its first derivative only: the backward pass itself is not to be differentiated again.
    On JAX both passes are compiled, once per result of `with_gradient`: keep it.

    Args:
        forward: Function `(*inputs) -> (outputs, residuals)` of tensors; `outputs` and
            `residuals` are tuples of tensors, the latter also of what `scan` keeps. It must
            not read variables: pass their values.
        backward: Function `(residuals, gradients) -> gradients of the inputs`; it gets one
            gradient per output and returns one per input, None for an input without any.

    Returns:
        A function of tensors.

    Example: straight through a rounding.

    >>> from blogkit.ops import value_and_gradient, with_gradient
    >>> rounded = with_gradient(
    ...     lambda x: ((keras.ops.round(x),), ()), lambda residuals, gradients: gradients
    ... )
    >>> x = keras.ops.convert_to_tensor([0.4, 1.6])
    >>> values, gradient = value_and_gradient(lambda x: 3 * rounded(x)[0], x)
    >>> [keras.ops.convert_to_numpy(t).tolist() for t in (values, gradient)]
    [[0.0, 6.0], [3.0, 3.0]]
    """
    return _BACKENDS[keras.backend.backend()](forward, backward)


def _jax(forward, backward):
    import jax

    forward = jax.jit(forward)
    function = jax.custom_vjp(lambda *inputs: forward(*inputs)[0])
    function.defvjp(forward, jax.jit(lambda residuals, gradients: tuple(backward(residuals, gradients))))
    return function


def _tensorflow(forward, backward):
    import tensorflow as tf

    @tf.custom_gradient
    def function(*inputs):
        outputs, residuals = forward(*inputs)
        return outputs, lambda *gradients: tuple(backward(residuals, gradients))

    # A Keras variable's value is a TensorFlow variable, which would count as read inside.
    return lambda *inputs: function(*map(tf.convert_to_tensor, inputs))


def _torch(forward, backward):
    import torch

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(context, *inputs):
            outputs, residuals = forward(*inputs)
            context.structure = keras.tree.map_structure(lambda tensor: None, residuals)
            context.save_for_backward(*keras.tree.flatten(residuals))
            return outputs

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context, *gradients):
            residuals = keras.tree.pack_sequence_as(context.structure, context.saved_tensors)
            return tuple(backward(residuals, gradients))

    return Function.apply


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
