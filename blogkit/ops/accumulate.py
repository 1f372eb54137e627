"""Running sums of tensors in variables, and their division by a scalar."""

import keras
from keras import ops

from blogkit.ops.keras_internals import add_in_place


def accumulate(variables: list, values: list, is_first) -> None:
    """Each variable `+= value`, or `= value` if `is_first`, in its own precision.

    One pass over memory on each backend, because it runs once per micro-batch and weight.

    Args:
        variables: List of `keras.Variable`s. In eager code on torch they must be zero when a sum begins.
        values: List of tensors of the variables' shapes and dtypes.
        is_first: Boolean scalar tensor.
    """
    _ACCUMULATE[keras.backend.backend()](variables, values, is_first)


def divide_or_zero(tensor, divisor):
    """`tensor / divisor` for a scalar `divisor`, 0 where both are 0, in the tensor's own precision.

    >>> float(divide_or_zero(ops.convert_to_tensor(3.0), 2)), float(divide_or_zero(ops.zeros(()), 0))
    (1.5, 0.0)
    """
    divisor = ops.cast(divisor, tensor.dtype)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.math.divide_no_nan(tensor, divisor)
    # Not `keras.ops`, which may make float32 of two float64 operands.
    return tensor / (divisor + (divisor == 0))


def densify(gradient):
    """The same gradient as a dense tensor; repeated rows of an embedding are summed."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.convert_to_tensor(gradient)
    return gradient


def _jax(variables, values, is_first):
    import jax.numpy as jnp

    for variable, value in zip(variables, values):  # XLA fuses all of it
        variable.assign(jnp.where(is_first, value, variable.value + value))


def _tensorflow(variables, values, is_first):
    import tensorflow as tf

    tf.cond(
        is_first,
        lambda: [v.value.assign(value) for v, value in zip(variables, values)] and None,
        lambda: [v.value.assign_add(value) for v, value in zip(variables, values)] and None,
    )


def _torch(variables, values, is_first):
    import torch

    values = [value.detach() for value in values]
    if torch.compiler.is_compiling():
        for variable, value in zip(variables, values):
            variable.assign(torch.where(is_first, value, variable.value + value))
    else:  # eager code has set the variables to 0
        add_in_place([v.value for v in variables], values)


_ACCUMULATE = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
