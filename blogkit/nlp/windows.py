"""A long text cut into windows for training through time."""

import numpy as np


def continued_windows(stream, batch_size, length):
    """Windows of a text, in an order in which each batch goes on where the one before ended.

    The text is cut into `batch_size` parts of equal length, which run side by side: row `b` of
    batch `i` is part `b` from `i * length` on. What does not fill the last window is dropped.
    Use it with `fit(x, y, batch_size=batch_size, shuffle=False)`.

    Args:
        stream: Sequence of integers.
        batch_size: Number of parts.
        length: Steps per window.

    Returns:
        `x` and `y`, int32 `(batches * batch_size, length)`; `y` is one step later than `x`.

    Raises:
        ValueError: If a number is below 1 or the text is too short for one batch.

    Example:

    >>> x, y = continued_windows(range(10), batch_size=2, length=2)
    >>> x.tolist()
    [[0, 1], [5, 6], [2, 3], [7, 8]]
    >>> y.tolist()
    [[1, 2], [6, 7], [3, 4], [8, 9]]
    """
    if batch_size < 1 or length < 1:
        raise ValueError(
            f"`batch_size` and `length` must be at least 1. Received: batch_size={batch_size}, "
            f"length={length}."
        )
    stream = np.asarray(stream, "int32")
    per_part = len(stream) // batch_size
    batches = (per_part - 1) // length
    if batches < 1:
        raise ValueError(
            f"The text needs {batch_size * (length + 1)} tokens for batch_size={batch_size} and "
            f"length={length}. "
            f"Received: {len(stream)}. Use fewer or shorter windows."
        )
    parts = stream[: batch_size * per_part].reshape(batch_size, per_part)

    def windows(shift):
        used = parts[:, shift : shift + batches * length].reshape(batch_size, batches, length)
        return np.ascontiguousarray(used.swapaxes(0, 1)).reshape(-1, length)

    return windows(0), windows(1)
