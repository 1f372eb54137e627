"""A conditional that may assign variables, on three backends.

Keras has a public conditional, `keras.ops.cond`, but variables assigned inside one of its
branches keep their values on TensorFlow and torch only: JAX wants them returned.
"""

from collections.abc import Callable, Iterable

import keras
from keras import ops

from blogkit.ops.has_values import has_values
from blogkit.ops.replicas import count_replicas, run_if_on_replicas


def run_if(condition, function: Callable[[], None], written: Iterable, read: Iterable = ()) -> None:
    """Calls `function()` only if `condition` holds, and keeps what it assigns.

    On several replicas of `tf.distribute` the condition must be the same on all.

    Args:
        condition: Boolean scalar tensor.
        function: Function without arguments that returns None.
        written: Every `keras.Variable` that `function` may assign.
        read: Every `keras.Variable` that it reads and does not assign. On JAX the variables in
            `written` are results of the conditional, so an idle call copies them.

    Example:

    >>> total = keras.Variable(0.0, trainable=False)
    >>> for condition in (True, False):
    ...     run_if(ops.convert_to_tensor(condition), lambda: total.assign(total + 1.0) and None, [total])
    >>> float(total)
    1.0
    """
    if count_replicas() > 1:
        run_if_on_replicas(condition, function)
    elif keras.backend.backend() == "jax":
        _run_if_jax(condition, function, list(written), list(read))
    else:
        # `tf.cond` in a TensorFlow graph; Python's `if` on torch and in eager code.
        ops.cond(condition, function, lambda: None)


def _run_if_jax(condition, function, written, read):
    import jax

    if has_values(condition):
        # Outside `jax.jit`, `lax.cond` would compile both branches anew on each call.
        if condition:
            function()
        return
    captured = [(v, v.value) for v in read]

    def run(values):
        with keras.StatelessScope(captured + list(zip(written, values))) as scope:
            function()
        return [scope.get_current_value(v) for v in written]

    values = jax.lax.cond(condition, run, lambda values: values, [v.value for v in written])
    for variable, value in zip(written, values):
        variable.assign(value)
