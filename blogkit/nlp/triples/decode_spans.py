"""Decoding of spans from the probabilities of their starts and ends."""

import numpy as np

START_THRESHOLD, END_THRESHOLD = 0.5, 0.4  # as in the code of both articles


def decode_spans(
    probabilities: np.ndarray, start_threshold: float = START_THRESHOLD, end_threshold: float = END_THRESHOLD
) -> list[tuple[int, ...]]:
    """Pair every start with the nearest end at or after it.

    A start is a position with a probability above `start_threshold`, an end one above
    `end_threshold`. A start without an end gives no span, and several starts may share an end.
    Predicates are decoded independently, so one span may have several.

    Args:
        probabilities: `(length, 2)`, starts and ends, or `(length, 2, predicates)`, cut to the
            positions of the text. NaN is neither a start nor an end.

    Returns:
        A list of `(start, end)`, or of `(start, end, predicate)` with the index of the
        predicate, in order of starts. Ends are included.

    Raises:
        ValueError: If the shape differs.

    Example:

    >>> decode_spans([[0.9, 0.1], [0.6, 0.2], [0.0, 0.45], [0.7, 0.3]])
    [(0, 2), (1, 2)]
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim not in (2, 3) or probabilities.shape[1] != 2:
        raise ValueError(
            "`probabilities` must have the shape (length, 2), starts and ends, or (length, 2, predicates). "
            f"Received: shape {probabilities.shape}."
        )
    starts, ends = probabilities[:, 0] > start_threshold, probabilities[:, 1] > end_threshold
    spans = []
    for start, *predicate in np.argwhere(starts):
        behind = np.flatnonzero(ends[(slice(start, None), *predicate)])
        if len(behind):
            spans.append((int(start), int(start + behind[0]), *map(int, predicate)))
    return spans
