"""Check of the two sets of feature vectors that a distance compares."""

import numpy as np
from numpy.typing import ArrayLike


def feature_clouds(features: ArrayLike, reference: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Both sets as float64 arrays, if they are finite and of the same dimension."""
    x, y = np.asarray(features, "float64"), np.asarray(reference, "float64")
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "`features` and `reference` must be (rows, dimensions) with the same dimensions. "
            f"Received: shapes {x.shape} and {y.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("`features` and `reference` must be finite. Received: NaN or inf.")
    return x, y
