"""Compare the speed of several implementations on a machine with other load.

Sides alternate: each round runs every side once, so that whatever slows the machine down for
seconds (another process, its clock) affects all of them, and ratios within a round stay fair.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """Median and quartiles, which a few disturbed rounds hardly change."""

    low: float
    median: float
    high: float

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def interleave(
    sides: Mapping[str, Callable[[], object]],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of each side in each round.

    A side must return when its work is done, not when it is queued. The order rotates from
    round to round, so that no side always inherits the cache of the same predecessor.
    """
    names = list(sides)
    seconds = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            start = clock()
            sides[name]()
            seconds[name].append(clock() - start)
    return seconds


def spread(values: Sequence[float]) -> Spread:
    """Quartiles of `values`, interpolated as NumPy does."""
    return Spread(*np.percentile(values, [25, 50, 75]).tolist())


def ratios(seconds: Mapping[str, Sequence[float]], reference: str) -> dict[str, Spread]:
    """For each side the spread of its seconds divided by those of `reference` in the same round."""
    base = np.asarray(seconds[reference])
    return {name: spread(np.asarray(values) / base) for name, values in seconds.items()}
