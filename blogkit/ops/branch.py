"""A conditional that compiles nothing in eager code."""

from collections.abc import Callable

from keras import ops

from blogkit.ops.has_values import has_values


def branch(condition, if_true: Callable, if_false: Callable):
    """`if_true()` or `if_false()`, as `keras.ops.cond`.

    Eager JAX would compile `keras.ops.cond` anew at every call, since its functions are new ones;
    here Python's `if` decides where the condition is known.

    Example:

    >>> branch(ops.convert_to_tensor(True), lambda: "yes", lambda: "no")
    'yes'
    """
    if has_values(condition):
        return if_true() if bool(condition) else if_false()
    return ops.cond(condition, if_true, if_false)
