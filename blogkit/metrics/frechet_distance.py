"""Fréchet distance between Gaussians fitted to two sets of features."""

import numpy as np
from numpy.typing import ArrayLike

from blogkit.metrics.feature_clouds import feature_clouds


def frechet_distance(features: ArrayLike, reference: ArrayLike) -> float:
    """Squared Fréchet (Wasserstein-2) distance between Gaussians fitted to two sets of features.

    |m - m'|^2 + trace(C + C' - 2 (C C')^(1/2)) for means m, m' and covariances C, C'
    (Heusel et al. 2017, arXiv:1706.08500, eq. 6). The estimate is biased upwards, more so for
    fewer rows: compare sets of equal size.

    Args:
        features, reference: `(rows, dimensions)`; more rows than dimensions.

    Returns:
        Float, in squared units of the features.

    Raises:
        ValueError: For arrays of other shapes, too few rows, NaN or inf.

    Example: the corners of a unit square, against the same corners shifted by (3, 4).

    >>> import numpy as np
    >>> from blogkit.metrics import frechet_distance
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> round(frechet_distance(corners + [3, 4], corners), 9)
    25.0
    """
    features, reference = feature_clouds(features, reference)
    if min(len(features), len(reference)) <= features.shape[1]:
        raise ValueError(
            "`features` and `reference` must have more rows than dimensions, for their covariances. "
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
