"""Check two sets of feature vectors before a distance compares them."""

import numpy as np


def feature_clouds(features, reference):
    x, y = np.asarray(features, "float64"), np.asarray(reference, "float64")
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            "Features are (rows, dimensions), of the same dimensions. "
            f"Received: shapes {x.shape} and {y.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("Features must be finite. Received: NaN or inf.")
    return x, y
