"""Subsampling interval of a distance between two sets of features."""

import numpy as np

from blogkit.metrics.feature_clouds import feature_clouds


def interval(distance, features, reference, rounds=100, level=0.95, seed=0):
    """Where `distance` lies over halves of the rows: their median and two quantiles.

    Each round compares a random half of `features` with a random half of `reference`,
    drawn without replacement: a row drawn twice would look like structure to both distances.
    Halves vary more than the whole, so the interval is a cautious one; for a biased distance,
    such as Frechet's, all figures are those of samples half as large.

    Args:
        distance: `frechet_distance`, `kernel_distance` or another `(features, reference) -> float`.
        features, reference: `(rows, dimensions)`.
        rounds: Number of halves.
        level: Share of the rounds within the interval.
        seed: Non-negative integer.

    Returns:
        `(median, low, high)`.

    Raises:
        ValueError: As `distance`, and for a level outside (0, 1).
    """
    features, reference = feature_clouds(features, reference)
    if not 0 < level < 1:
        raise ValueError(f"`level` must be between 0 and 1. Received: level={level!r}.")
    rng = np.random.default_rng(seed)

    def half(rows):
        return rows[rng.permutation(len(rows))[: len(rows) // 2]]

    values = [distance(half(features), half(reference)) for _ in range(rounds)]
    median, low, high = np.quantile(values, [0.5, (1 - level) / 2, (1 + level) / 2])
    return float(median), float(low), float(high)
