"""How far samples are from data: two distances between clouds of features.

NumPy only. With the features of the Inception network these are FID and KID; with others
they are called what they are, and compare only with each other.
"""

import numpy as np


def frechet_distance(features, reference):
    """Frechet's (Wasserstein-2) distance, squared, of two normal laws fitted to features.

    |m - m'|^2 + trace(C + C' - 2 (C C')^(1/2)) for means m, m' and covariances C, C'
    (Heusel et al. 2017, arXiv:1706.08500, eq. 6). It is biased upwards for few rows: compare
    sets of the same size.

    Args:
        features, reference: `(rows, dimensions)`; more rows than dimensions.

    Returns:
        Float, in squared units of the features.

    Raises:
        ValueError: For arrays of other shapes or too few rows.

    Example: two unit squares' corners, shifted by (3, 4).

    >>> import numpy as np
    >>> from blogkit.sampling import frechet_distance
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> round(frechet_distance(corners + [3, 4], corners), 9)
    25.0
    """
    features, reference = _clouds(features, reference)
    if min(len(features), len(reference)) <= features.shape[1]:
        raise ValueError(
            "A covariance needs more rows than dimensions. "
            f"Received: shapes {features.shape} and {reference.shape}."
        )
    mean, other_mean = features.mean(axis=0), reference.mean(axis=0)
    cov, other_cov = (np.cov(x, rowvar=False, ddof=1) for x in (features, reference))
    # The eigenvalues of C C' are those of the symmetric root(C) C' root(C).
    values, vectors = np.linalg.eigh(np.atleast_2d(cov))
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.linalg.eigvalsh(root @ np.atleast_2d(other_cov) @ root).clip(0)
    spread = np.trace(np.atleast_2d(cov + other_cov)) - 2 * np.sqrt(cross).sum()
    return float(((mean - other_mean) ** 2).sum() + spread)


def kernel_distance(features, reference):
    """Squared maximum mean discrepancy with the kernel (x . y / dimensions + 1)^3, unbiased.

    E k(x, x') + E k(y, y') - 2 E k(x, y) (Gretton et al. 2012, JMLR 13, eq. 3; the kernel of
    Binkowski et al. 2018, arXiv:1801.01401, KID). Around 0, also below, for two samples of
    one law.

    Args:
        features, reference: `(rows, dimensions)`; two rows or more.

    Returns:
        Float.

    Raises:
        ValueError: For arrays of other shapes or too few rows.
    """
    x, y = _clouds(features, reference)
    if min(len(x), len(y)) < 2:
        raise ValueError(f"Two rows at least. Received: shapes {x.shape} and {y.shape}.")

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def mean_of_pairs(a):
        each = kernel(a, a)
        return (each.sum() - np.trace(each)) / (len(a) * (len(a) - 1))

    return float(mean_of_pairs(x) + mean_of_pairs(y) - 2 * kernel(x, y).mean())


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
    features, reference = _clouds(features, reference)
    if not 0 < level < 1:
        raise ValueError(f"`level` must be between 0 and 1. Received: level={level!r}.")
    rng = np.random.default_rng(seed)

    def half(rows):
        return rows[rng.permutation(len(rows))[: len(rows) // 2]]

    values = [distance(half(features), half(reference)) for _ in range(rounds)]
    median, low, high = np.quantile(values, [0.5, (1 - level) / 2, (1 + level) / 2])
    return float(median), float(low), float(high)


def _clouds(features, reference):
    x, y = np.asarray(features, "float64"), np.asarray(reference, "float64")
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "Features are (rows, dimensions), of the same dimensions. "
            f"Received: shapes {x.shape} and {y.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("Features must be finite. Received: NaN or inf.")
    return x, y
