"""Zero padding of rows of different lengths."""

from collections.abc import Sequence

import numpy as np


def padded(rows: Sequence[Sequence[int]], length: int | None = None) -> np.ndarray:
    """Pad rows of integers with zeros at their end.

    Args:
        rows: Rows of integers, for example from `CharTokenizer.encode`.
        length: Number of columns, by default the length of the longest row. Use one length for
            all batches where a backend compiles a program per shape.

    Returns:
        int32 `(rows, length)`; `array > 0` is the mask if no row contains 0.

    Raises:
        ValueError: If a row is longer than `length`.

    Example:

    >>> padded([[5, 6, 7], [8]]).tolist()
    [[5, 6, 7], [8, 0, 0]]
    """
    longest = max(map(len, rows), default=0)
    length = longest if length is None else length
    if longest > length:
        raise ValueError(
            f"`length` must be at least that of the longest row, {longest}. Received: length={length}. "
            "Cut the row or give a larger length."
        )
    array = np.zeros((len(rows), length), "int32")
    for place, row in zip(array, rows):
        place[: len(row)] = row
    return array
