"""Spans out of the probabilities of their starts and ends."""

import numpy as np

START_THRESHOLD, END_THRESHOLD = 0.5, 0.4  # of both articles' code


def decode_spans(probabilities, start_threshold=START_THRESHOLD, end_threshold=END_THRESHOLD):
    """Every likely start with the nearest likely end that is not before it.

    A start is a position with a probability above `start_threshold`, an end one above
    `end_threshold`; a start without an end behind it gives nothing, and several starts may
    share an end. With predicates, each goes by itself, so that one span may have several.

    Args:
        probabilities: `(length, 2)`, starts and ends, or `(length, 2, predicates)`. Cut it to
            the positions of the text first. Where it is NaN there is no start and no end.

    Returns:
        A list of `(start, end)`, or of `(start, end, predicate)` with the predicate's number, in
        order of starts. Ends are included.

    Raises:
        ValueError: For another shape.

    Example:

    >>> decode_spans([[0.9, 0.1], [0.6, 0.2], [0.0, 0.45], [0.7, 0.3]])
    [(0, 2), (1, 2)]
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim not in (2, 3) or probabilities.shape[1] != 2:
        raise ValueError(
            "Probabilities of spans have the shape (length, 2), starts and ends, or (length, 2, predicates). "
            f"Received: shape {probabilities.shape}."
        )
    starts, ends = probabilities[:, 0] > start_threshold, probabilities[:, 1] > end_threshold
    spans = []
    for start, *predicate in np.argwhere(starts):
        behind = np.flatnonzero(ends[(slice(start, None), *predicate)])
        if len(behind):
            spans.append((int(start), int(start + behind[0]), *map(int, predicate)))
    return spans
