"""Squared maximum mean discrepancy between two sets of features."""

import numpy as np
from numpy.typing import ArrayLike

from blogkit.metrics.feature_clouds import feature_clouds


def kernel_distance(features: ArrayLike, reference: ArrayLike) -> float:
    """Squared maximum mean discrepancy with the kernel (x . y / dimensions + 1)^3, unbiased.

    E k(x, x') + E k(y, y') - 2 E k(x, y) (Gretton et al. 2012, JMLR 13, eq. 3; the kernel of
    Bińkowski et al. 2018, arXiv:1801.01401, KID). For two samples of one distribution the
    estimates scatter around 0, below it, too.

    Args:
        features, reference: `(rows, dimensions)`; two rows or more.

    Returns:
        Float.

    Raises:
        ValueError: For arrays of other shapes, too few rows, NaN or inf.
    """
    x, y = feature_clouds(features, reference)
    if min(len(x), len(y)) < 2:
        raise ValueError(
            "`features` and `reference` must have at least two rows. "
            f"Received: shapes {x.shape} and {y.shape}."
        )

    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    def mean_of_pairs(a):
        each = kernel(a, a)
        return (each.sum() - np.trace(each)) / (len(a) * (len(a) - 1))

    return float(mean_of_pairs(x) + mean_of_pairs(y) - 2 * kernel(x, y).mean())
