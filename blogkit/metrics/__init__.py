"""Metrics of generated samples: distances between two sets of feature vectors.

With the features of the Inception network `frechet_distance` is FID and `kernel_distance` is KID.
With other features both have values of their own, comparable only with each other.

NumPy tier, a leaf: no keras.
"""

from blogkit.metrics.frechet_distance import frechet_distance
from blogkit.metrics.interval import interval
from blogkit.metrics.kernel_distance import kernel_distance

__all__ = ["frechet_distance", "interval", "kernel_distance"]
