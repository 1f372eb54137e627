import numpy as np
import pytest

from blogkit.report import t_interval


def test_two_values_by_hand():
    # t(1) is Cauchy's distribution, whose 97.5 % quantile is tan(0.475 pi); s / sqrt(2) = 0.5.
    half = np.tan(0.475 * np.pi) * 0.5
    np.testing.assert_allclose(t_interval([1, 2]), [1.5 - half, 1.5 + half])


def test_covers_the_mean_of_a_normal_distribution_in_95_of_100(rng):
    covered = [low < 3 < high for low, high in map(t_interval, rng.normal(3, 2, size=(4000, 3)))]
    assert abs(np.mean(covered) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4000)


@pytest.mark.parametrize("values", [[], [1.0], [[1.0, 2.0]]])
def test_too_few_values(values):
    with pytest.raises(ValueError, match="`values` must be at least two numbers. Received: values="):
        t_interval(values)
