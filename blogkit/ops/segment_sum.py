"""Sums of rows by segment, with little memory on torch."""

import keras
from keras import ops


def segment_sum(rows, numbers, count: int):
    """`sums[k]` = sum of the `rows[i]` with `numbers[i] == k`.

    As `keras.ops.segment_sum`, which on torch spreads the numbers to the shape of the rows as
    64-bit integers: three times the rows' own memory.

    Args:
        rows: Floating-point tensor `(batch, ...)`.
        numbers: Integer tensor `(batch,)`, from 0 to `count - 1`.
        count: Number of sums.

    Returns:
        Tensor `(count, ...)`.

    Example:

    >>> rows = keras.ops.convert_to_tensor([[1.0], [2.0], [4.0]])
    >>> sums = segment_sum(rows, keras.ops.convert_to_tensor([2, 0, 2]), 3)
    >>> keras.ops.convert_to_numpy(sums).tolist()
    [[2.0], [0.0], [5.0]]
    """
    if keras.backend.backend() != "torch":
        return ops.segment_sum(rows, numbers, num_segments=count)
    return rows.new_zeros((count, *rows.shape[1:])).index_add_(0, numbers.long(), rows)
