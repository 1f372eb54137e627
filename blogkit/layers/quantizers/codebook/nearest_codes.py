"""The nearest code of each vector, exactly, without a matrix of all distances."""

import functools

import keras
import numpy as np
from keras import ops

from blogkit.layers.quantizers.codebook.is_nearer import is_nearer, power_of_two
from blogkit.ops import branch, compiled, full_matmul, has_values, map_rows, repeat, sole_largest

# Codes within rounding that are compared one by one, and rows at once.
RIVALS, CLOSE_ROWS = 16, 256
# Rows at once: enough for an efficient matrix product, few enough for the cache.
SCORES, FEWEST_ROWS, MOST_ROWS = 2**20, 512, 4096


def nearest_codes(vectors, codebook, chunk_size: int | None = None):
    """`codes[i]` = argmin over k of |x_i - e_k|^2, the first of equal ones.

    Computed as the argmax of the scores (x - m).(e_k - m) - |e_k - m|^2 / 2, with m the mean of
    the codebook: half the work of a distance, and vectors far from 0 lose no digits. Where the
    best two scores of a row are closer than their rounding errors, `is_nearer` decides between
    the best codes; if these are more than 16 (clusters far from each other, a diverging code),
    only among those whose |x - e_k|^2 is least. So the result is that of float64 unless two
    distances agree to about ten digits, or more than 16 different ones to about seven.

    A code that is not finite is never nearest. A vector that is not finite gets an arbitrary code. Numbers
    below 1.2e-38 are 0 on backends that flush them to 0.

    Args:
        vectors: Tensor `(batch, dim)`.
        codebook: Tensor `(num_codes, dim)` of the same dtype, float32 or float64.
        chunk_size: Vectors compared at a time. By default about a million scores at once, with
            512 to 4,096 vectors.

    Returns:
        Integers `(batch,)`, int32. They have no gradient.

    Example:

    >>> codebook = np.array([[0.0, 0.0], [4.0, 0.0]], "float32")
    >>> vectors = np.array([[1.0, 1.0], [3.0, 1.0]], "float32")
    >>> ops.convert_to_numpy(nearest_codes(vectors, codebook)).tolist()
    [0, 1]
    """
    vectors, codebook = (ops.stop_gradient(ops.convert_to_tensor(t)) for t in (vectors, codebook))
    if vectors.shape[0] == 0:
        return ops.zeros((0,), "int32")  # where torch has no maximum
    if chunk_size is None:
        chunk_size = min(max(SCORES // codebook.shape[0], FEWEST_ROWS), MOST_ROWS)
    eager = has_values(vectors) and has_values(codebook)
    search = _compiled_search(tuple(codebook.shape)) if eager else _search
    return search(vectors, codebook, chunk_size=chunk_size)


@functools.cache
def _compiled_search(codebook_shape):
    # Otherwise eager JAX would compile the loop over chunks at every call. One for each shape of a
    # codebook, so that only the number of vectors differs between calls.
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
    unit, smallest = _rounding(codebook)

    def search(rows):
        x = rows - centre
        scores = full_matmul(x, ops.transpose(centred)) - half_squares
        most = radius * (ops.sqrt(ops.sum(x * x, axis=-1)) + radius / 2)
        codes, least, alone = sole_largest(scores, unit * most + smallest)
        # Scores may be NaN where a square is beyond the largest number, and compare with nothing.
        unknown = ops.logical_not(ops.isfinite(most))
        close = ops.logical_or(ops.logical_not(alone), unknown)

        def decided():
            rivals = ops.logical_or(scores >= least[:, None], unknown[:, None])
            return _decided(rows, known, codes, ops.logical_and(rivals, finite), close)

        return branch(ops.any(close), decided, lambda: codes)

    return map_rows(search, vectors, chunk_size, "int32")


def _rounding(codebook):
    """Bounds on the rounding error of a score or a distance, relative and absolute.

    Measured on three backends: errors reach two thirds of the bound for clusters, where all products
    of a row err alike, and a twentieth for random vectors.
    """
    kind, dim = np.finfo(keras.backend.standardize_dtype(codebook.dtype)), codebook.shape[-1]
    return max(4, dim**0.5) * float(kind.eps), dim * float(kind.tiny)


def _decided(rows, codebook, codes, rivals, close):
    """`codes`, replaced by the nearest of the `rivals` where `close`; some rows at a time."""
    first = ops.argsort(ops.where(close, 0, 1))
    last, number = ops.shape(codes)[0] - 1, ops.sum(ops.cast(close, "int32"))

    def decide(start, codes):
        # Rows past the end are computed again, with the same result.
        some = ops.minimum(start + ops.arange(CLOSE_ROWS, dtype="int32"), last)
        some = ops.take(first, some, axis=0)
        found = _nearest_rival(ops.take(rows, some, axis=0), ops.take(rivals, some, axis=0), codebook)
        return start + CLOSE_ROWS, ops.scatter_update(codes, some[:, None], found)

    start = ops.zeros((), "int32")
    return ops.while_loop(lambda start, codes: start < number, decide, (start, codes))[1]


def _nearest_rival(rows, rivals, codebook):
    """The nearest of the rivals, booleans `(batch, num_codes)`; among equal ones the first."""

    def first(rivals):
        return ops.cast(ops.argmax(ops.cast(rivals, "int32"), axis=-1), "int32")

    # Scaling by a power of two is exact, and keeps squares away from 0 and infinity. The scale is that
    # of the smallest rival, since a diverging code must not set it.
    sizes = ops.where(rivals, ops.max(ops.abs(codebook), axis=-1), float("inf"))
    ordinary = ops.take(codebook, ops.argmin(sizes, axis=-1), axis=0)
    scale = power_of_two(ops.max(ops.abs(rows - ordinary), axis=-1))
    if codebook.shape[0] > RIVALS:
        many = ops.max(ops.sum(ops.cast(rivals, "int32"), axis=-1)) > RIVALS
        rivals = branch(many, lambda: _about_nearest(rows, codebook, rivals, scale), lambda: rivals)
    numbers = ops.arange(codebook.shape[0], dtype="int32")
    rows = rows * scale[:, None]

    def vectors(codes):
        return ops.take(codebook, codes, axis=0) * scale[:, None]

    def compare(count, codes, rivals):
        others = first(rivals)
        nearer = is_nearer(rows, vectors(others), vectors(codes))
        nearer = ops.logical_and(nearer, ops.any(rivals, axis=-1))
        rivals = ops.logical_and(rivals, numbers != others[:, None])
        return count + 1, ops.where(nearer, others, codes), rivals

    def rivals_left(count, codes, rivals):
        return ops.logical_and(count < RIVALS, ops.any(rivals))

    return ops.while_loop(rivals_left, compare, (ops.zeros((), "int32"), first(rivals), rivals))[1]


def _about_nearest(rows, codebook, rivals, scale):
    """The rivals whose distance is the least up to rounding."""
    by_axis, codes_by_axis = ops.transpose(rows), ops.transpose(codebook)

    # Axis by axis: all differences at once would be too many.
    def add(axis, distances):
        difference = ops.take(by_axis, axis, axis=0)[:, None] - ops.take(codes_by_axis, axis, axis=0)
        return distances + (difference * scale[:, None]) ** 2

    distances = repeat(add, ops.zeros(rivals.shape, rows.dtype), 0, codebook.shape[-1])
    distances = ops.where(rivals, distances, float("inf"))
    unit, smallest = _rounding(codebook)
    return distances <= (ops.min(distances, axis=-1) * (1 + 2 * unit) + smallest)[:, None]
