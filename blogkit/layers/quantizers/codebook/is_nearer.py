"""Which of two codes is nearer, in about ten digits of float32 arithmetic."""

import keras
import numpy as np
from keras import ops


def is_nearer(vectors, codes, others):
    """Whether each vector is strictly nearer to its code than to its other code.

        |x - o|^2 - |x - c|^2 = sum (c - o) (2 x - c - o) > 0

    with each term as a sum of two numbers: rounding errors of differences are kept (Knuth's
    two-sum), products are of halves of a number's digits and therefore exact, and rounded
    terms are some 2^12 times smaller than the largest. In float32 that gives about ten digits. No
    result depends on whether the compiler fuses a product with a sum.

    Args:
        vectors, codes, others: Tensors `(batch, dim)` of the same dtype. Squares should neither
            overflow nor underflow: `power_of_two` scales exactly.

    Returns:
        Booleans `(batch,)`.

    Example: in float32 both distances round to 1.

    >>> x, code, other = (ops.convert_to_tensor([[t]], "float32") for t in (0.0, 1.0, 1.0 + 2.0**-23))
    >>> bool(is_nearer(x, code, other)[0]), bool(is_nearer(x, other, code)[0])
    (True, False)
    """
    digits = np.finfo(keras.backend.standardize_dtype(vectors.dtype)).nmant + 1
    apart, apart_error = _sum(codes, -others)
    to_code, code_error = _sum(vectors, -codes)
    to_other, other_error = _sum(vectors, -others)
    both, both_error = _sum(to_code, to_other)
    both_error = both_error + code_error + other_error

    half = 2.0 ** ((digits + 1) // 2 + 1)
    apart_high, apart_low = _leading(apart, half)
    both_high, both_low = _leading(both, half)
    # So few digits that their sum is exact, in any order.
    head, tail = _leading(apart_high * both_high, 2.0 ** (vectors.shape[-1].bit_length() + 1))
    tail = tail + apart_high * both_low + apart_low * both + apart * both_error + apart_error * both
    return ops.sum(head, axis=-1) + ops.sum(tail, axis=-1) > 0


def _sum(a, b):
    """`a + b` and its rounding error."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _leading(x, factor):
    """Leading digits of x, down to 1 / `factor` of the largest of its row, and the rest."""
    large = factor * ops.max(ops.abs(x), axis=-1, keepdims=True)
    leading = (x + large) - large
    return leading, x - leading


def power_of_two(sizes):
    """Powers of two that bring `sizes`, normal float32 numbers, to between 2^-17 and 4."""
    scale = ops.ones_like(sizes)
    for step in (2.0**64, 2.0**32, 2.0**16):
        scale = ops.where(sizes * scale * step <= 1, scale * step, scale)
        scale = ops.where(sizes * scale > step, scale / step, scale)
    return ops.where(sizes * scale > 1, scale / 2.0**14, scale)
