"""Checks of laws: densities on a grid, probabilities, samples with weights."""

import numpy as np

# Of the mass that a law may lack or have too much: grids end somewhere, float32 rounds.
MASS_TOLERANCE = 1e-3


def check_finite(name, values):
    """`values` as float64, if they are finite numbers."""
    array = np.asarray(values, "float64")
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be finite. Received: NaN or inf among {array.size} values.")
    return array


def check_laws(p, q, weights):
    """Densities `p` and `q` and the weights of their nodes, as float64 arrays of one shape."""
    p, q = check_finite("p", p), check_finite("q", q)
    weights = np.ones(p.shape) if weights is None else check_finite("weights", weights)
    if not p.shape == q.shape == weights.shape:
        raise ValueError(
            "`p`, `q` and `weights` must have one shape, a value for each node. "
            f"Received: shapes {p.shape}, {q.shape} and {weights.shape}."
        )
    for name, law in (("p", p), ("q", q)):
        check_mass(
            name, law * weights, remedy="Give densities with `weights` that integrate, or probabilities"
        )
    return p, q, weights


def check_mass(name, masses, remedy="Divide by the sum"):
    if (masses < 0).any():
        raise ValueError(
            f"`{name}` must not be negative. Received: {masses.min():.4g} at {int(masses.argmin())}."
        )
    total = masses.sum()
    if not abs(total - 1) <= MASS_TOLERANCE:
        raise ValueError(f"`{name}` must have the mass 1. Received: mass {total:.6g}. {remedy}.")


def check_weights(name, weights, count):
    """Probabilities of `count` points, equal ones for None, scaled to a sum of exactly 1."""
    if weights is None:
        return np.full(count, 1 / count)
    weights = check_finite(name, weights)
    if weights.shape != (count,):
        raise ValueError(
            f"`{name}` must have one value per point, shape ({count},). Received: shape {weights.shape}."
        )
    check_mass(name, weights)
    return weights / weights.sum()
