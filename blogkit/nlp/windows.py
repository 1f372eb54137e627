"""Windows of a long text for truncated backpropagation through time."""

from collections.abc import Sequence

import numpy as np

from blogkit.checks import check_count


def continued_windows(stream: Sequence[int], batch_size: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a text into windows, ordered so that each batch continues the previous one.

    The text is cut into `batch_size` parts of equal length, read in parallel: row `b` of batch
    `i` is part `b` from `i * length` on. The incomplete last window is dropped. Use it with
    `fit(x, y, batch_size=batch_size, shuffle=False)`.

    Args:
        stream: Sequence of integers.
        batch_size: Number of parts, which is the batch size of `fit`.
        length: Steps per window.

    Returns:
        `x` and `y`, int32 `(batches * batch_size, length)`; `y` is `x` one step later.

    Raises:
        ValueError: If a number is not a positive integer, or the text is too short for one batch.

    Example:

    >>> x, y = continued_windows(range(10), batch_size=2, length=2)
    >>> x.tolist()
    [[0, 1], [5, 6], [2, 3], [7, 8]]
    >>> y.tolist()
    [[1, 2], [6, 7], [3, 4], [8, 9]]
    """
    check_count("batch_size", batch_size)
    check_count("length", length)
    stream = np.asarray(stream, "int32")
    per_part = len(stream) // batch_size
    batches = (per_part - 1) // length
    if batches < 1:
        raise ValueError(
            f"`stream` must have at least {batch_size * (length + 1)} tokens for batch_size={batch_size} and "
            f"length={length}. Received: {len(stream)} tokens. Use fewer or shorter windows."
        )
    parts = stream[: batch_size * per_part].reshape(batch_size, per_part)

    def windows(shift):
        used = parts[:, shift : shift + batches * length].reshape(batch_size, batches, length)
        return np.ascontiguousarray(used.swapaxes(0, 1)).reshape(-1, length)

    return windows(0), windows(1)
