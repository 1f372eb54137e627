"""What a vector quantizer computes, as pure functions of arrays."""

from blogkit.layers.quantizers.codebook.choose_rows import choose_rows, valid_everywhere
from blogkit.layers.quantizers.codebook.kmeans import kmeans
from blogkit.layers.quantizers.codebook.moving_averages import smoothed_codes, updated_average
from blogkit.layers.quantizers.codebook.nearest_codes import nearest_codes
from blogkit.layers.quantizers.codebook.rotation_trick import rotation_trick
from blogkit.layers.quantizers.codebook.unit_vectors import unit_vectors

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
