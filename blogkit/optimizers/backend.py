"""The places where an optimizer must know its backend.

Keras has a public conditional, `keras.ops.cond`, but variables assigned inside one of
its branches keep their values on TensorFlow and torch only: JAX wants them returned.
A backend is imported where its own code runs, so JAX users never load TensorFlow.
"""

import keras
from keras import ops


def run_branch(condition, if_true, if_false, written, read=()):
    """Runs `if_true()` or `if_false()`, never both, and keeps what it assigns.

    Args:
        condition: Boolean scalar tensor.
        if_true, if_false: Functions without arguments that return None.
        written: Every `keras.Variable` that a branch assigns to.
        read: Every one that a branch reads and does not assign to. On JAX the others are
            results of both branches, and the idle one copies them.
    """
    if keras.backend.backend() == "jax":
        _run_branch_jax(condition, if_true, if_false, list(written), list(read))
    else:
        # `tf.cond` in a TensorFlow graph; a Python branch on torch and when eager.
        ops.cond(condition, if_true, if_false)


def _run_branch_jax(condition, if_true, if_false, written, read):
    import jax

    if not isinstance(condition, jax.core.Tracer):
        # Outside `jax.jit`, `lax.cond` would compile both branches anew on each call.
        (if_true if condition else if_false)()
        return
    captured = [(v, v.value) for v in read]

    def as_function(branch):
        def run(values):
            with keras.StatelessScope(captured + list(zip(written, values))) as scope:
                branch()
            return [scope.get_current_value(v) for v in written]

        return run

    values = jax.lax.cond(condition, as_function(if_true), as_function(if_false), [v.value for v in written])
    for variable, value in zip(written, values):
        variable.assign(value)


def apply_optimizer(optimizer, grads, variables):
    """`optimizer.apply(grads, variables)`, also inside a branch of `run_branch`."""
    is_all = len(variables) == len(optimizer._trainable_variables)
    if keras.backend.backend() != "jax" or not is_all:
        optimizer.apply(grads, variables)
        return
    # LossScaleOptimizer assigns inside branches of its own, except in `stateless_apply`.
    state = optimizer.variables
    new_values, new_state = optimizer.stateless_apply(
        [v.value for v in state], grads, [v.value for v in variables]
    )
    for variable, value in zip(variables + state, new_values + new_state):
        variable.assign(value)


def is_executing(variable):
    """Whether code runs now, on numbers, and not once to be compiled."""
    if keras.backend.backend() == "jax":
        import jax

        return not isinstance(variable.value, jax.core.Tracer)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.executing_eagerly()
    return True


def divide(tensor, divisor):
    """`tensor / divisor` for a scalar, 0 where both are 0, in the tensor's own precision."""
    divisor = ops.cast(divisor, tensor.dtype)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.math.divide_no_nan(tensor, divisor)
    # Not `keras.ops`, which may make float32 of two float64 operands.
    return tensor / (divisor + (divisor == 0))


def accumulate(variables, values, is_first):
    """Each variable `+= value`, or `= value` if `is_first`, in its own precision.

    Once per micro-batch and weight: memory traffic, so one pass on each backend.
    """
    if keras.backend.backend() == "jax":
        import jax.numpy as jnp

        for variable, value in zip(variables, values):  # XLA fuses all of it
            variable.assign(jnp.where(is_first, value, variable.value + value))
    elif keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.cond(
            is_first,
            lambda: [v.value.assign(value) for v, value in zip(variables, values)] and None,
            lambda: [v.value.assign_add(value) for v, value in zip(variables, values)] and None,
        )
    else:
        import torch

        # Always eager, so they are 0 when a window begins.
        torch._foreach_add_([v.value for v in variables], [value.detach() for value in values])


def densify(gradient):
    """The same gradient as a dense tensor; repeated rows of an embedding are summed."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.convert_to_tensor(gradient)
    return gradient
