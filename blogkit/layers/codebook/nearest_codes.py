"""The nearest code of each vector, exactly, without a matrix of all distances."""

import functools

import keras
import numpy as np
from keras import ops

from blogkit.ops import branch, compiled, has_values, map_rows, two_largest

# So many codes within rounding are compared by their distances, for so many rows at once.
RIVALS, CLOSE_ROWS = 16, 256
# Rows at once: many enough for a matrix product, few enough to stay near the processor.
SCORES, FEWEST_ROWS, MOST_ROWS = 2**22, 512, 4096


def nearest_codes(vectors, codebook, chunk_size=None):
    """`codes[i]` = argmin over k of |x_i - e_k|^2, the first of equal ones.

    Computed as the argmax of the scores (x - m).(e_k - m) - |e_k - m|^2 / 2, with m the mean of
    the codebook: half the work of a distance, and vectors far from 0 lose no digits. Where the
    best two scores of a row are closer than their rounding errors, the distances |x - e_k|^2
    themselves decide between the best codes. So the result is that of float64 unless two
    distances agree to about seven digits, or more than sixteen codes are within rounding.

    A code that is not finite is never nearest. A vector that is not finite gets some code.

    Args:
        vectors: Tensor `(batch, dim)`.
        codebook: Tensor `(num_codes, dim)` of the same dtype, float32 or float64.
        chunk_size: Vectors at a time. By default so many that there are about four million
            scores at once, and between 512 and 4,096.

    Returns:
        Integers `(batch,)`, int32. They have no gradient.

    Example:

    >>> codebook = np.array([[0.0, 0.0], [4.0, 0.0]], "float32")
    >>> vectors = np.array([[1.0, 1.0], [3.0, 1.0]], "float32")
    >>> ops.convert_to_numpy(nearest_codes(vectors, codebook)).tolist()
    [0, 1]
    """
    vectors, codebook = (ops.stop_gradient(ops.convert_to_tensor(t)) for t in (vectors, codebook))
    if chunk_size is None:
        chunk_size = min(max(SCORES // codebook.shape[0], FEWEST_ROWS), MOST_ROWS)
    eager = has_values(vectors) and has_values(codebook)
    search = _compiled_search(tuple(codebook.shape)) if eager else _search
    return search(vectors, codebook, chunk_size=chunk_size)


@functools.cache
def _compiled_search(codebook_shape):
    # Without it, eager JAX would compile the loop over chunks at every call. One for each shape of
    # a codebook: then only the number of vectors differs between calls.
    return compiled(_search, static=("chunk_size",), shapes_vary=True)


def _search(vectors, codebook, chunk_size):
    finite = ops.all(ops.isfinite(codebook), axis=-1)
    known = ops.where(finite[:, None], codebook, 0.0)
    number = ops.cast(ops.maximum(ops.sum(ops.cast(finite, "int32")), 1), codebook.dtype)
    centre = ops.sum(known, axis=0) / number
    centred = ops.where(finite[:, None], known - centre, 0.0)
    half_squares = ops.sum(centred * centred, axis=-1) / 2
    radius = ops.sqrt(2 * ops.max(half_squares))
    half_squares = ops.where(finite, half_squares, float("inf"))
    # What rounding may do to the sum of so many products, each of random sign.
    unit = max(2, codebook.shape[-1] ** 0.5 / 2) * float(np.finfo(keras.backend.standardize_dtype(codebook.dtype)).eps)

    def search(rows):
        x = rows - centre
        scores = ops.matmul(x, ops.transpose(centred)) - half_squares
        codes, best, second = two_largest(scores)
        length = ops.sqrt(ops.sum(x * x, axis=-1))
        least = best - unit * radius * (length + radius / 2)
        close = second >= least
        return branch(
            ops.any(close), lambda: _decided(rows, known, scores, codes, least, close), lambda: codes
        )

    return map_rows(search, vectors, chunk_size, "int32")


def _decided(rows, codebook, scores, codes, least, close):
    """`codes`, where `close` after a comparison of distances; some rows at a time."""
    first = ops.argsort(ops.where(close, 0, 1))
    last, number = ops.shape(codes)[0] - 1, ops.sum(ops.cast(close, "int32"))

    def decide(start, codes):
        # Those past the end are done again, with the same result.
        some = ops.minimum(start + ops.arange(CLOSE_ROWS, dtype="int32"), last)
        some = ops.take(first, some, axis=0)
        found = _by_distance(*(ops.take(t, some, axis=0) for t in (rows, codes, scores, least)), codebook)
        return start + CLOSE_ROWS, ops.scatter_update(codes, some[:, None], found)

    start = ops.zeros((), "int32")
    return ops.while_loop(lambda start, codes: start < number, decide, (start, codes))[1]


def _by_distance(rows, codes, scores, least, codebook):
    """The nearest among `codes` and those whose score is at least `least`."""

    def distance(codes):
        return ops.sum((rows - ops.take(codebook, codes, axis=0)) ** 2, axis=-1)

    def rivals_left(count, codes, nearest, others):
        return ops.logical_and(count < RIVALS, ops.any(ops.max(others, axis=-1) >= least))

    def compare(count, codes, nearest, others):
        rivals = ops.cast(ops.argmax(others, axis=-1), "int32")
        far = distance(rivals)
        closer = ops.logical_or(far < nearest, ops.logical_and(far == nearest, rivals < codes))
        closer = ops.logical_and(closer, ops.max(others, axis=-1) >= least)
        return (
            count + 1,
            ops.where(closer, rivals, codes),
            ops.where(closer, far, nearest),
            _without(others, rivals),
        )

    start = (ops.ones((), "int32"), codes, distance(codes), _without(scores, codes))
    return ops.while_loop(rivals_left, compare, start)[1]


def _without(scores, codes):
    numbers = ops.arange(scores.shape[-1], dtype="int32")
    return ops.where(numbers == codes[:, None], -float("inf"), scores)
