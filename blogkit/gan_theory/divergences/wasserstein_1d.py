"""Distances on the line: Wasserstein-1 between samples or distribution functions, total variation."""

import numpy as np

from blogkit.gan_theory.divergences.arguments import check_finite, check_laws, check_weights


def wasserstein_1d(x, y, x_weights=None, y_weights=None):
    """W1 of two sets of weighted points on the line: the integral of |F - G|.

    F and G are steps, so that the integral is an exact sum: no optimisation.

    Args:
        x, y: Points, arrays `(n,)` and `(m,)`.
        x_weights, y_weights: Their probabilities; None for equal ones.

    Returns:
        A number.

    Raises:
        ValueError: For points on no line, none at all, and weights of another sum than 1.

    Example: the slope that Jensen and Shannon's divergence lacks.

    >>> from blogkit.gan_theory.divergences import wasserstein_1d
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


def wasserstein_of_cdfs(cdf_p, cdf_q, weights):
    """W1 of two laws on the line from their distribution functions at the nodes of a grid.

    Args:
        cdf_p, cdf_q: F and G at the nodes of `quadrature`, which must reach so far that
            they agree at both ends.
        weights: Of the nodes.

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
            f"Distribution functions lie within [0, 1]. Received: values from {lowest:.6g} to {highest:.6g}."
        )
    return float((np.abs(p - q) * weights).sum())


def total_variation(p, q, weights=None):
    """sup over sets A of |p(A) - q(A)| = the sum of weights * |p - q| / 2, within [0, 1].

    Args:
        p, q, weights: As for `FDivergence.divergence`.

    Example:

    >>> from blogkit.gan_theory.divergences import total_variation
    >>> round(total_variation([0.5, 0.5, 0.0], [0.2, 0.2, 0.6]), 6)
    0.6
    """
    p, q, weights = check_laws(p, q, weights)
    return float((weights * np.abs(p - q)).sum() / 2)
