"""Checks of distributions: densities on a grid, probabilities, weighted samples."""

import numpy as np
from numpy.typing import ArrayLike

# How far a total probability may be from 1: grids are finite, and float32 rounds.
MASS_TOLERANCE = 1e-3


def check_finite(name: str, values: ArrayLike) -> np.ndarray:
    """`values` as a float64 array; raises unless all are finite."""
    array = np.asarray(values, "float64")
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be finite. Received: NaN or inf among {array.size} values.")
    return array


def check_distributions(p: ArrayLike, q: ArrayLike, weights: ArrayLike | None) -> tuple:
    """Densities `p` and `q` and the weights of their nodes, as float64 arrays of one shape."""
    p, q = check_finite("p", p), check_finite("q", q)
    weights = np.ones(p.shape) if weights is None else check_finite("weights", weights)
    if not p.shape == q.shape == weights.shape:
        raise ValueError(
            "`p`, `q` and `weights` must have one shape, a value for each node. "
            f"Received: shapes {p.shape}, {q.shape} and {weights.shape}."
        )
    for name, density in (("p", p), ("q", q)):
        check_mass(
            name, density * weights, remedy="Give densities with `weights` that integrate, or probabilities"
        )
    return p, q, weights


def check_mass(name: str, masses: np.ndarray, remedy: str = "Divide by the sum") -> None:
    if (masses < 0).any():
        raise ValueError(
            f"`{name}` must not be negative. Received: {masses.min():.4g} at {int(masses.argmin())}."
        )
    total = masses.sum()
    if not abs(total - 1) <= MASS_TOLERANCE:
        raise ValueError(f"`{name}` must have total probability 1. Received: {total:.6g}. {remedy}.")


def check_weights(name: str, weights: ArrayLike | None, count: int) -> np.ndarray:
    """Probabilities of `count` points, uniform for None, scaled to a sum of exactly 1."""
    if weights is None:
        return np.full(count, 1 / count)
    weights = check_finite(name, weights)
    if weights.shape != (count,):
        raise ValueError(
            f"`{name}` must have one value per point, shape ({count},). Received: shape {weights.shape}."
        )
    check_mass(name, weights)
    return weights / weights.sum()
