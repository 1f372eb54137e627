"""Gauss-Legendre quadrature on the line, and the normal distribution."""

import math

import numpy as np
from numpy.typing import ArrayLike

from blogkit.checks import check_count
from blogkit.gan_theory.divergences.arguments import check_finite


def quadrature(edges: ArrayLike, nodes: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the Gauss-Legendre rule on each interval between `edges`.

    Exact for polynomials of degree 2 `nodes` - 1 on each interval. Put an edge where the
    integrand has a kink, as |p - q| has where the densities cross.

    Args:
        edges: Increasing numbers, at least two.
        nodes: Number of nodes on each interval.

    Returns:
        Nodes and weights, two arrays of shape `((len(edges) - 1) * nodes,)`.

    Raises:
        ValueError: If `edges` do not increase or `nodes` is not a positive integer.

    Example: the probability of a Gaussian within two standard deviations.

    >>> import numpy as np
    >>> from blogkit.gan_theory import normal_density, quadrature
    >>> x, weights = quadrature([-2, 0, 2])
    >>> round(float(weights @ normal_density(x)), 6)
    0.9545
    """
    edges = check_finite("edges", edges)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(f"`edges` must be at least two increasing numbers. Received: edges={edges}.")
    check_count("nodes", nodes)
    unit, weight = np.polynomial.legendre.leggauss(nodes)
    half = np.diff(edges)[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * unit).ravel(), (half * weight).ravel()


def normal_density(x: ArrayLike, mean: float = 0.0, standard_deviation: float = 1.0) -> np.ndarray:
    """The density of N(mean, standard_deviation^2) at `x`."""
    z = (np.asarray(x, "float64") - mean) / standard_deviation
    return np.exp(-(z**2) / 2) / (standard_deviation * math.sqrt(2 * math.pi))


def normal_cdf(x: ArrayLike, mean: float = 0.0, standard_deviation: float = 1.0) -> np.ndarray:
    """The cumulative distribution function of N(mean, standard_deviation^2) at `x`."""
    z = (np.asarray(x, "float64") - mean) / (standard_deviation * math.sqrt(2))
    return np.vectorize(math.erfc, otypes=["float64"])(-z) / 2
