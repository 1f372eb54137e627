"""Metrics of generated samples: distances between two sets of feature vectors.

With features of the Inception network `frechet_distance` is the FID and `kernel_distance` the KID.
Values on other features are comparable only with values on the same features.

NumPy tier, a leaf: no keras.
"""

from blogkit.metrics.frechet_distance import frechet_distance
from blogkit.metrics.kernel_distance import kernel_distance
from blogkit.metrics.subsampling_interval import subsampling_interval

__all__ = ["frechet_distance", "kernel_distance", "subsampling_interval"]
