"""Trend of the radii of a trajectory, from their maxima in windows of doubling length."""

import math

REACHED, FALLING, FLAT, GROWING, BLOWN = "reached", "falling", "flat", "growing", "blown"


def trend(highest: list[float], first: float) -> str | None:
    """The trend of the largest radii of successive windows, each twice as long as the last.

    From window to window a power law t^-a changes them by a constant factor, a slow drift by a
    factor whose distance from 1 doubles, and convergence to a limit by a factor that tends to 1.

    Args:
        highest: Largest radius of each window so far.
        first: Radius at the start.

    Returns:
        One of `"reached"` (less than 0.01 of the start, and than 0.05), `"falling"`, `"flat"`,
        `"growing"`, `"blown"` (more than 1e6 times the start or, if larger, 1; or overflow); None
        to simulate on.
    """
    last = highest[-1]
    if not math.isfinite(last) or last > 1e6 * max(first, 1):
        return BLOWN
    if last < min(0.01 * first, 0.05):
        return REACHED
    if len(highest) < 4:
        return None
    changes = [math.log(b / a) for a, b in zip(highest[-4:], highest[-3:])]
    sizes = [abs(change) for change in changes]
    one_way = min(changes) > 0 or max(changes) < 0
    if one_way and sizes[2] > 1e-4 and sizes[1] > 0.8 * sizes[0] and sizes[2] > 0.8 * sizes[1]:
        return GROWING if changes[0] > 0 else FALLING
    if max(sizes) < 1e-3:
        return FLAT
    if sizes[2] < 0.02 and sizes[1] < 0.75 * sizes[0] and sizes[2] < 0.75 * sizes[1]:
        return FLAT
    return None
