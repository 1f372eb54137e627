"""Where do the radii of a trajectory tend? Their largest values in windows that double in length."""

import math

REACHED, FALLING, FLAT, GROWING, BLOWN = "reached", "falling", "flat", "growing", "blown"


def trend(highest, first):
    """What the largest radii of successive windows, each twice as long, say.

    A power law t^-a changes them by a constant factor, a slow drift by one whose distance from
    1 doubles, a limit by one that tends to 1: that is how drift and limit are told apart.

    Args:
        highest: Largest radius of each window so far.
        first: Radius at the start.

    Returns:
        One of `"reached"` (less than a hundredth of the start), `"falling"`, `"flat"`,
        `"growing"`, `"blown"` (a million times the start, or overflow); None to go on.
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
