"""What a vector quantizer computes, as pure functions of arrays."""

from blogkit.layers.codebook.choose_rows import choose_rows, valid_everywhere
from blogkit.layers.codebook.kmeans import kmeans
from blogkit.layers.codebook.moving_averages import smoothed_codes, updated_average
from blogkit.layers.codebook.nearest_codes import nearest_codes
from blogkit.layers.codebook.rotation_trick import rotation_trick
from blogkit.layers.codebook.unit_vectors import unit_vectors

__all__ = [
    "choose_rows",
    "kmeans",
    "nearest_codes",
    "rotation_trick",
    "smoothed_codes",
    "unit_vectors",
    "updated_average",
    "valid_everywhere",
]
