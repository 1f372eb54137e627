"""Subsampling interval of a distance."""

import numpy as np
import pytest

from blogkit.metrics import kernel_distance, subsampling_interval


def test_contains_the_distance_of_halves(rng):
    x, y = rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 1
    median, low, high = subsampling_interval(kernel_distance, x, y, rounds=200)
    assert low < median < high and low < kernel_distance(x, y) < high
    assert subsampling_interval(kernel_distance, x, y, rounds=200) == (median, low, high)
    narrow = subsampling_interval(kernel_distance, x, y, rounds=200, level=0.5)
    assert low < narrow[1] < narrow[2] < high


@pytest.mark.parametrize("options", [{"level": 1}, {"rounds": 0}, {"seed": -1}])
def test_refuses_options_out_of_range(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}={value}"):
        subsampling_interval(kernel_distance, np.zeros((4, 2)), np.zeros((4, 2)), **options)
