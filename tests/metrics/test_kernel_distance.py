"""Kernel distance by hand, and that it is unbiased."""

import numpy as np
import pytest

from blogkit.metrics import kernel_distance


def test_by_hand():
    # k(a, b) = (a b + 1)^3: pairs (0, 1): 1; (2, 3): 343; across 1, 1, 27, 64.
    assert kernel_distance([[0.0], [1.0]], [[2.0], [3.0]]) == 1 + 343 - 2 * (1 + 1 + 27 + 64) / 4


def test_is_unbiased(rng):
    same = [kernel_distance(*rng.normal(size=(2, 20, 3))) for _ in range(1000)]
    assert abs(np.mean(same)) < 4 * np.std(same) / np.sqrt(len(same))
    apart = [kernel_distance(rng.normal(size=(20, 3)), rng.normal(size=(20, 3)) + 0.5) for _ in range(1000)]
    assert np.mean(apart) > 4 * np.std(apart) / np.sqrt(len(apart))


def test_refuses_a_single_row():
    with pytest.raises(ValueError, match="at least two rows"):
        kernel_distance(np.zeros((1, 2)), np.zeros((3, 2)))
