"""Distances of samples from data, against closed forms."""

import numpy as np
import pytest

from blogkit.metrics import frechet_distance, interval, kernel_distance


def whitened(rng, rows, mean, cov):
    """Rows whose sample mean and covariance are exactly `mean` and `cov`."""
    x = rng.normal(size=(rows, len(mean)))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T)
    return x @ np.linalg.cholesky(cov).T + mean


def test_frechet_distance_of_two_normal_laws(rng):
    """Commuting covariances: |m - m'|^2 + |root C - root C'|^2, with roots by hand."""
    basis, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0])
    x = whitened(rng, 50, np.zeros(3), (basis * a) @ basis.T)
    y = whitened(rng, 70, np.array([1.0, 2.0, 2.0]), (basis * b) @ basis.T)
    expected = 9 + (1 - 2) ** 2 + (2 - 2) ** 2 + (3 - 1) ** 2
    np.testing.assert_allclose(frechet_distance(x, y), expected, rtol=1e-9)
    np.testing.assert_allclose(frechet_distance(y, x), expected, rtol=1e-9)


def test_frechet_distance_of_covariances_that_do_not_commute(rng):
    """Against the trace of scipy's matrix root."""
    from scipy.linalg import sqrtm

    x, y = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(30, 4)) + 1
    c, d = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    shift = ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum()
    expected = shift + np.trace(c + d - 2 * np.real(sqrtm(c @ d)))
    np.testing.assert_allclose(frechet_distance(x, y), expected, rtol=1e-8)


def test_frechet_distance_in_one_dimension(rng):
    x = rng.normal(size=(20, 1))
    np.testing.assert_allclose(
        frechet_distance(3 * x + 2, x), (2 * x.mean() + 2) ** 2 + (2 * x.std(ddof=1)) ** 2
    )


def test_kernel_distance_by_hand():
    # k(a, b) = (a b + 1)^3: pairs (0, 1): 1; (2, 3): 343; across 1, 1, 27, 64.
    assert kernel_distance([[0.0], [1.0]], [[2.0], [3.0]]) == 1 + 343 - 2 * (1 + 1 + 27 + 64) / 4


def test_kernel_distance_is_unbiased(rng):
    same = [kernel_distance(*rng.normal(size=(2, 20, 3))) for _ in range(1000)]
    assert abs(np.mean(same)) < 4 * np.std(same) / np.sqrt(len(same))
    apart = [kernel_distance(rng.normal(size=(20, 3)), rng.normal(size=(20, 3)) + 0.5) for _ in range(1000)]
    assert np.mean(apart) > 4 * np.std(apart) / np.sqrt(len(apart))


def test_interval_holds_the_distance_of_halves(rng):
    x, y = rng.normal(size=(200, 2)), rng.normal(size=(200, 2)) + 1
    median, low, high = interval(kernel_distance, x, y, rounds=200)
    assert low < median < high and low < kernel_distance(x, y) < high
    assert interval(kernel_distance, x, y, rounds=200) == (median, low, high)
    narrow = interval(kernel_distance, x, y, rounds=200, level=0.5)
    assert low < narrow[1] < narrow[2] < high


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros(3), np.zeros((3, 1)), r"\(3,\) and \(3, 1\)"),
        (np.zeros((3, 2)), np.zeros((3, 1)), "same dimensions"),
        (np.zeros((2, 2)), np.zeros((3, 2)), "more rows than dimensions"),
        (np.full((3, 1), np.nan), np.zeros((3, 1)), "finite"),
    ],
)
def test_other_features(x, y, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, y)


def test_too_few_rows_and_a_level():
    with pytest.raises(ValueError, match="Two rows"):
        kernel_distance(np.zeros((1, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="level=1"):
        interval(kernel_distance, np.zeros((4, 2)), np.zeros((4, 2)), level=1)
