"""A loop over the time axis whose outputs may have other shapes than its state.

`keras.ops.scan` asks on TensorFlow that a step's outputs look like its state, and on torch
it stacks nested inputs anew in every step; a backward pass that returns the gradient of the
gates next to that of the state needs more.
"""

from collections.abc import Callable

import keras
from keras import ops


def scan(
    step: Callable,
    carry: tuple,
    inputs: tuple,
    like: tuple,
    reverse: bool = False,
    unroll: bool = False,
    kept: int = 0,
):
    """`carry, outputs = step(carry, inputs[t])` for each `t`, all outputs kept.

    Gradients flow through it; memory then grows with the length.

    Args:
        step: Function `(carry, slices) -> (carry, outputs)` of tuples of tensors.
        carry: Tuple of tensors whose shapes and dtypes stay.
        inputs: Tuple of tensors `(time, ...)`; `slices` are their parts at one time.
        like: Tuple of tensors or `keras.KerasTensor` with shapes and dtypes of `outputs`.
        reverse: Whether to run from the last time to the first. The outputs stay in the
            order of `inputs`.
        unroll: Whether to write the steps out one after another, which needs a static time.
        kept: How many of the last outputs are wanted only as inputs of another scan, after
            a tensor. They are not stacked, which saves two copies on TensorFlow and torch.

    Returns:
        The last `carry`, and the outputs stacked along a new first axis, the kept ones in
        whatever form the backend has for them.

    Example: what is left to come.

    >>> import numpy as np
    >>> from blogkit.ops import scan
    >>> def step(carry, slices):
    ...     total = carry[0] + slices[0]
    ...     return (total,), (total,)
    >>> numbers = keras.ops.convert_to_tensor(np.array([1.0, 2.0, 4.0], "float32"))
    >>> _, (sums,) = scan(step, (keras.ops.zeros(()),), (numbers,), (numbers[0],), reverse=True)
    >>> keras.ops.convert_to_numpy(sums).tolist()
    [7.0, 6.0, 4.0]
    """
    loop = _unrolled if unroll else _LOOPS[keras.backend.backend()]
    return loop(step, carry, inputs, like, reverse, len(like) - kept)


def _jax(step, carry, inputs, like, reverse, stacked):
    import jax

    return jax.lax.scan(step, carry, inputs, reverse=reverse)


def _tensorflow(step, carry, inputs, like, reverse, stacked):
    import tensorflow as tf

    static = inputs[0].shape[0]
    length = tf.shape(inputs[0])[0] if static is None else static

    def array(like, shape):
        # In eager mode an array by default forgets what was read once.
        return tf.TensorArray(
            like.dtype, size=length, element_shape=tf.TensorShape(shape), clear_after_read=False
        )

    slices = [x if isinstance(x, tf.TensorArray) else array(x, x.shape[1:]).unstack(x) for x in inputs]
    outputs = tuple(array(tensor, tensor.shape) for tensor in like)

    def body(count, carry, outputs):
        time = length - 1 - count if reverse else count
        carry, values = step(carry, tuple(array.read(time) for array in slices))
        return count + 1, carry, tuple(a.write(time, v) for a, v in zip(outputs, values))

    # XLA differentiates only loops with a bound.
    _, carry, outputs = tf.while_loop(
        lambda count, *_: count < length, body, (0, carry, outputs), maximum_iterations=static
    )
    tensors = tuple(array.stack() for array in outputs[:stacked])
    for tensor, wanted in zip(tensors, like):
        tensor.set_shape((static, *wanted.shape))
    return carry, (*tensors, *outputs[stacked:])


def _unrolled(step, carry, inputs, like, reverse, stacked):
    outputs = []
    times = list(zip(*(x if isinstance(x, tuple) else ops.unstack(x) for x in inputs)))
    for slices in reversed(times) if reverse else times:
        carry, values = step(carry, slices)
        outputs.append(values)
    if reverse:
        outputs.reverse()
    columns = tuple(zip(*outputs))
    return carry, (*map(ops.stack, columns[:stacked]), *columns[stacked:])


_LOOPS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _unrolled}
