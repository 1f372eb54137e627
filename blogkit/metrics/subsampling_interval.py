"""Subsampling interval of a distance between two sets of features."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from blogkit.checks import check_count
from blogkit.metrics.feature_clouds import feature_clouds


def subsampling_interval(
    distance: Callable[[np.ndarray, np.ndarray], float],
    features: ArrayLike,
    reference: ArrayLike,
    rounds: int = 100,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float, float]:
    """Median and central interval of `distance` over random halves of the rows.

    Each round compares a random half of `features` with a random half of `reference`,
    drawn without replacement: both distances would take repeated rows for structure. Distances
    of halves vary more than those of whole sets, so the interval is too wide rather than too
    narrow; a biased distance, such as the Fréchet distance, keeps the bias of the half size.

    Args:
        distance: `frechet_distance`, `kernel_distance` or another `(features, reference) -> float`.
        features, reference: `(rows, dimensions)`.
        rounds: Number of pairs of halves, a positive integer.
        level: Fraction of the rounds inside the interval.
        seed: Non-negative integer.

    Returns:
        `(median, low, high)`.

    Raises:
        ValueError: As `distance`, and for `rounds`, `level` or `seed` out of range.
    """
    features, reference = feature_clouds(features, reference)
    check_count("rounds", rounds)
    check_count("seed", seed, low=0)
    if not 0 < level < 1:
        raise ValueError(f"`level` must be a number in (0, 1). Received: level={level!r}.")
    rng = np.random.default_rng(seed)

    def half(rows):
        return rows[rng.permutation(len(rows))[: len(rows) // 2]]

    values = [distance(half(features), half(reference)) for _ in range(rounds)]
    median, low, high = np.quantile(values, [0.5, (1 - level) / 2, (1 + level) / 2])
    return float(median), float(low), float(high)
