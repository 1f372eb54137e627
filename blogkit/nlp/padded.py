"""Rows of different lengths in one array."""

import numpy as np


def padded(rows, length=None):
    """Rows of whole numbers with zeros behind them.

    Args:
        rows: Sequence of sequences, for example of `CharTokenizer.encode`.
        length: Columns; those of the longest row by default. Give one length for all batches
            where a backend compiles a program for each.

    Returns:
        int32 `(rows, length)`; a mask is `array > 0`.

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
            f"A row has {longest} entries, more than length={length}. Cut it, or give a larger length."
        )
    array = np.zeros((len(rows), length), "int32")
    for place, row in zip(array, rows):
        place[: len(row)] = row
    return array
