"""Apply a function to many rows in chunks, to save memory."""

from collections.abc import Callable

import keras
from keras import ops


def map_rows(function: Callable, rows, most: int, dtype: str):
    """`function(rows)`, computed for at most `most` rows at once.

    The chunks are of equal size (on torch up to the last), one after the other. If their number
    does not divide that of the rows, zeros fill the last one up: `function` must treat each row
    by itself.

    Args:
        function: Function `(n, ...) -> (n,)` for any n.
        rows: Tensor `(batch, ...)`.
        most: Rows per chunk, a positive Python integer.
        dtype: Dtype of the result.

    Returns:
        Tensor `(batch,)`.

    Example: two chunks of three rows, one of them a zero.

    >>> rows = keras.ops.reshape(keras.ops.arange(10.0), (5, 2))
    >>> totals = map_rows(lambda x: keras.ops.sum(x, axis=-1), rows, most=3, dtype="float32")
    >>> keras.ops.convert_to_numpy(totals).tolist()
    [1.0, 5.0, 9.0, 13.0, 17.0]
    """
    if isinstance(rows.shape[0], int) and rows.shape[0] <= most:
        return function(rows)
    return _BACKENDS[keras.backend.backend()](function, rows, most, dtype)


def _padded(rows, count, most, maximum):
    """The rows and zeros, a multiple of the number of chunks; that number; rows per chunk."""
    chunks = maximum((count + most - 1) // most, 1)
    size = (count + chunks - 1) // chunks
    zeros = ops.zeros((chunks * size - count, *rows.shape[1:]), rows.dtype)
    return ops.concatenate([rows, zeros]), chunks, size


def _jax(function, rows, most, dtype):
    import jax

    count, shape = rows.shape[0], rows.shape[1:]
    padded, chunks, size = _padded(rows, count, most, max)
    if keras.distribution.distribution() is None:
        return jax.lax.map(function, padded.reshape(chunks, size, *shape)).reshape(-1)[:count]
    # Devices hold neighbouring rows: with every chunk from all of them, all of them work on it.
    by_chunk = padded.reshape(size, chunks, *shape).swapaxes(0, 1)
    return jax.lax.map(function, by_chunk).swapaxes(0, 1).reshape(-1)[:count]


def _tensorflow(function, rows, most, dtype):
    import tensorflow as tf

    # Python integers where the shape is known, tensors in a graph for any batch.
    count = rows.shape[0]
    maximum = max if count is not None else tf.maximum
    count = tf.shape(rows)[0] if count is None else count
    padded, chunks, size = _padded(rows, count, most, maximum)
    by_chunk = tf.reshape(padded, (chunks, size, *rows.shape[1:]))
    # Not several chunks at once: that would take several times the memory.
    found = tf.map_fn(
        function,
        by_chunk,
        fn_output_signature=tf.TensorSpec(by_chunk.shape[1:2], dtype),
        parallel_iterations=1,
    )
    return tf.reshape(found, (-1,))[:count]


def _torch(function, rows, most, dtype):
    return ops.concatenate([function(chunk) for chunk in rows.split(most)])


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
