"""The places where an optimizer must know its backend.

Keras has a public conditional, `keras.ops.cond`, but variables assigned inside one of
its branches keep their values on TensorFlow and torch only: JAX wants them returned.
A backend is imported where its own code runs, so JAX users never load TensorFlow.
"""

import keras
from keras import ops


def run_branch(condition, if_true, if_false, variables):
    """Runs `if_true()` or `if_false()`, never both, and keeps what it assigns.

    Args:
        condition: Boolean scalar tensor.
        if_true, if_false: Functions without arguments that assign to `variables`
            and return None.
        variables: Every `keras.Variable` that a branch reads or assigns.
    """
    if keras.backend.backend() == "jax":
        _run_branch_jax(condition, if_true, if_false, variables)
    else:
        # `tf.cond` in a TensorFlow graph; a Python branch on torch and when eager.
        ops.cond(condition, if_true, if_false)


def _run_branch_jax(condition, if_true, if_false, variables):
    import jax

    if not isinstance(condition, jax.core.Tracer):
        # Outside `jax.jit`, `lax.cond` would compile both branches anew on each call.
        (if_true if condition else if_false)()
        return

    def as_function(branch):
        def run(values):
            with keras.StatelessScope(list(zip(variables, values))) as scope:
                branch()
            return [scope.get_current_value(v) for v in variables]

        return run

    values = jax.lax.cond(
        condition, as_function(if_true), as_function(if_false), [v.value for v in variables]
    )
    for variable, value in zip(variables, values):
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


def ratio(part, total):
    """`part / total` of two scalars, 0 where both are, in their own precision."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.math.divide_no_nan(part, total)
    # Not `keras.ops`: see `move_towards`.
    return part / (total + (total == 0))


def add_to(variable, value):
    """`variable += value`, in the variable's own precision."""
    if keras.backend.backend() == "jax":
        variable.assign(variable.value + value)  # see `move_towards`
    else:
        variable.assign_add(value)


def move_towards(variable, target, weight):
    """`variable += weight * (target - variable)`, in the variable's own precision."""
    if keras.backend.backend() == "torch":
        variable.value.lerp_(target.detach(), weight)  # no temporary copy
    elif keras.backend.backend() == "jax":
        # Plain arrays: `keras.ops` may make float32 of two float64 operands.
        mean = variable.value
        variable.assign(mean + (target - mean) * weight)
    else:
        variable.assign_add((target - variable) * weight)


def densify(gradient):
    """The same gradient as a dense tensor; repeated rows of an embedding are summed."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.convert_to_tensor(gradient)
    return gradient
