"""Wasserstein-1 on the line, between samples or distribution functions, and total variation."""

import numpy as np
from numpy.typing import ArrayLike

from blogkit.gan_theory.divergences.arguments import check_distributions, check_finite, check_weights


def wasserstein_1d(
    x: ArrayLike, y: ArrayLike, x_weights: ArrayLike | None = None, y_weights: ArrayLike | None = None
) -> float:
    """W1 of two sets of weighted points on the line: the integral of |F - G|.

    F and G are step functions, so that the integral is an exact sum.

    Args:
        x, y: Points, arrays `(n,)` and `(m,)`.
        x_weights, y_weights: Their probabilities; None for uniform ones.

    Returns:
        A number.

    Raises:
        ValueError: If points have another shape than (n,), there are none, or weights do not sum to 1.

    Example: a slope in theta, where the Jensen-Shannon divergence is constant.

    >>> from blogkit.gan_theory import wasserstein_1d
    >>> [wasserstein_1d([0.0], [theta]) for theta in (-0.5, 0.0, 2.0)]
    [0.5, 0.0, 2.0]
    """
    x, y = check_finite("x", x), check_finite("y", y)
    for name, points in (("x", x), ("y", y)):
        if points.ndim != 1 or not len(points):
            raise ValueError(
                f"`{name}` must be points on the line, shape (n,). Received: shape {points.shape}. "
                "For points elsewhere use `wasserstein_primal`."
            )
    masses = np.concatenate(
        [
            check_weights("x_weights", x_weights, len(x)),
            -check_weights("y_weights", y_weights, len(y)),
        ]
    )
    points = np.concatenate([x, y])
    order = np.argsort(points, kind="stable")
    between = np.cumsum(masses[order])[:-1]  # F - G between neighbours
    return float(np.abs(between) @ np.diff(points[order]))


def wasserstein_of_cdfs(cdf_p: ArrayLike, cdf_q: ArrayLike, weights: ArrayLike) -> float:
    """W1 of two distributions on the line, from their distribution functions on a grid.

    Args:
        cdf_p, cdf_q: F and G at the nodes of `quadrature`, which must reach so far that
            they agree at both ends.
        weights: Weights of the nodes.

    Returns:
        The integral of |F - G|.

    Raises:
        ValueError: For arrays of different shapes and values outside [0, 1].
    """
    p, q, weights = (
        check_finite(n, v) for n, v in (("cdf_p", cdf_p), ("cdf_q", cdf_q), ("weights", weights))
    )
    if not p.shape == q.shape == weights.shape:
        raise ValueError(
            "`cdf_p`, `cdf_q` and `weights` must have one shape. "
            f"Received: shapes {p.shape}, {q.shape} and {weights.shape}."
        )
    lowest, highest = min(p.min(), q.min()), max(p.max(), q.max())
    if lowest < 0 or highest > 1:
        raise ValueError(
            f"`cdf_p` and `cdf_q` must be within [0, 1]. Received: values from {lowest:.6g} to {highest:.6g}."
        )
    return float((np.abs(p - q) * weights).sum())


def total_variation(p: ArrayLike, q: ArrayLike, weights: ArrayLike | None = None) -> float:
    """sup over sets A of |p(A) - q(A)| = the sum of weights * |p - q| / 2, within [0, 1].

    Args:
        p, q, weights: As for `FDivergence.divergence`.

    Example:

    >>> from blogkit.gan_theory import total_variation
    >>> round(total_variation([0.5, 0.5, 0.0], [0.2, 0.2, 0.6]), 6)
    0.6
    """
    p, q, weights = check_distributions(p, q, weights)
    return float((weights * np.abs(p - q)).sum() / 2)
