"""The computations of a vector quantizer, as pure functions of arrays."""

from blogkit.layers.quantizers.codebook.draw_codes import draw_codes
from blogkit.layers.quantizers.codebook.kmeans import kmeans_of_heads
from blogkit.layers.quantizers.codebook.moving_averages import smoothed_codes, updated_average
from blogkit.layers.quantizers.codebook.nearest_codes import nearest_codes
from blogkit.layers.quantizers.codebook.rotation_trick import rotation_trick
from blogkit.layers.quantizers.codebook.unit_vectors import unit_vectors

__all__ = [
    "draw_codes",
    "kmeans_of_heads",
    "nearest_codes",
    "rotation_trick",
    "smoothed_codes",
    "unit_vectors",
    "updated_average",
]
