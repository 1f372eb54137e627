"""Loops that the backend compiles as a whole, also around a model that is still being trained.

`compiled` is `jax.jit` or `tf.function`; on torch the loop stays a Python loop and builds
no graph. `repeat` and `collect` are the loops to use inside.
"""

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from blogkit.ops.child_scope import ChildScope


def compiled(function: Callable, static: Sequence[str] = (), shapes_vary: bool = False) -> Callable:
    """Compiles `function(*arrays, **static)`, which must be pure.

    Numbers and NumPy arrays among `arrays` may change between calls without a new
    compilation, as long as shapes and dtypes do not. Keras variables that `function`
    reads, by itself or through a model, have their present values at every call:
    `jax.jit` alone would go on with those of the first call, before any training.

    TensorFlow compiles to a graph without XLA, which is slower on CPUs here: with it, random numbers
    took 13.5 times as long as a plain torch loop, without it 0.5 times.

    Args:
        function: Its positional arguments are arrays or tuples of arrays, its results too.
            On torch it gets them as they are, elsewhere as tensors.
        static: Names of keyword arguments that are compiled in; hashable values.
        shapes_vary: Whether calls differ in the arrays' lengths. TensorFlow then compiles for any
            length after the second one, so `function` may not read sizes from shapes; JAX compiles
            anew for each.

    Returns:
        A function of the same arguments.

    Example: doubling three times; another count runs the same code.

    >>> import numpy as np
    >>> from blogkit.ops import compiled, repeat
    >>> run = compiled(lambda x, count: repeat(lambda i, x: 2 * x, x, 0, count))
    >>> float(run(np.float32(1), 3)), float(run(np.float32(1), 5))
    (8.0, 32.0)
    """
    return _COMPILED[keras.backend.backend()](function, tuple(static), shapes_vary)


def repeat(step: Callable, carry, first, count):
    """`carry = step(i, carry)` for `i = first, ..., first + count - 1`.

    Args:
        step: Function of a step's number (on torch always a Python integer) and the carry.
        carry: Tensor or tuple of tensors whose shapes and dtypes stay.
        first, count: Integers, or tensors in compiled code.

    Returns:
        The last `carry`.
    """
    return ops.fori_loop(first, first + count, step, carry)


def collect(step: Callable, carry: tuple, length: int, like: tuple):
    """`carry, outputs = step(i, carry)` for `i = 0, ..., length - 1`, all outputs kept.

    Args:
        step: Function `(i, carry) -> (carry, outputs)`; `outputs` is a tuple of tensors.
        carry: Tuple of tensors.
        length: Python integer, at least 1.
        like: Tuple of tensors with the outputs' shapes and dtypes.

    Returns:
        The last `carry`, and the outputs stacked along a new first axis.

    Example: 1 + 0, 1 + 0 + 1, 1 + 0 + 1 + 2.

    >>> from blogkit.ops import collect
    >>> def step(i, carry):
    ...     total = carry[0] + keras.ops.cast(i, "float32")
    ...     return (total,), (total,)
    >>> _, (totals,) = collect(step, (keras.ops.ones(()),), 3, like=(keras.ops.ones(()),))
    >>> keras.ops.convert_to_numpy(totals).tolist()
    [1.0, 2.0, 4.0]
    """
    return _COLLECT[keras.backend.backend()](step, carry, length, like)


class _VariablesRead(ChildScope):
    """Notes which variables are read inside the scope."""

    def __init__(self):
        super().__init__()
        self.variables = {}

    def get_current_value(self, variable):
        self.variables[id(variable)] = variable
        return super().get_current_value(variable)


def _compiled_jax(function, static, shapes_vary):
    import jax

    variables = []

    def with_values(values, *arrays, **options):
        with keras.StatelessScope(list(zip(variables, values))):
            return function(*arrays, **options)

    jitted = jax.jit(with_values, static_argnames=static)
    known = set()

    def call(*arrays, **options):
        options_key = tuple(sorted(options.items()))
        if options_key not in known:  # another option may read other variables
            with _VariablesRead() as scope:
                jax.eval_shape(lambda *a: function(*a, **options), *arrays)
            variables.extend(v for v in scope.variables.values() if not any(v is w for w in variables))
            known.add(options_key)
        return jitted([v.value for v in variables], *arrays, **options)

    return call


def _compiled_tensorflow(function, static, shapes_vary):
    import tensorflow as tf

    # Without `autograph`, an error in `function` is raised as it is. As a partial, which has no
    # code of its own: TensorFlow counts the graphs of equal code together and warns of too many.
    graph = tf.function(functools.partial(function), autograph=False, reduce_retracing=shapes_vary)

    def tensor(argument):
        if isinstance(argument, tuple):
            return tuple(map(tensor, argument))
        # A Python number would be compiled in.
        return tf.convert_to_tensor(argument)

    return lambda *arrays, **options: graph(*map(tensor, arrays), **options)


def _compiled_torch(function, static, shapes_vary):
    import torch

    return torch.no_grad()(function)


def _collect_jax(step, carry, length, like):
    import jax

    return jax.lax.scan(lambda carry, i: step(i, carry), carry, np.arange(length, dtype="int32"))


def _collect_tensorflow(step, carry, length, like):
    import tensorflow as tf

    arrays = tuple(tf.TensorArray(tensor.dtype, size=length, element_shape=tensor.shape) for tensor in like)

    def body(i, carry, arrays):
        carry, outputs = step(i, carry)
        return i + 1, carry, tuple(a.write(i, o) for a, o in zip(arrays, outputs))

    _, carry, arrays = tf.while_loop(lambda i, *_: i < length, body, (0, carry, arrays))
    return carry, tuple(array.stack() for array in arrays)


def _collect_torch(step, carry, length, like):
    outputs = []
    for i in range(length):
        carry, output = step(i, carry)
        outputs.append(output)
    return carry, tuple(ops.stack(column) for column in zip(*outputs))


_COMPILED = {"jax": _compiled_jax, "tensorflow": _compiled_tensorflow, "torch": _compiled_torch}
_COLLECT = {"jax": _collect_jax, "tensorflow": _collect_tensorflow, "torch": _collect_torch}
