"""Fréchet distance against closed forms and against SciPy's matrix root."""

import numpy as np
import pytest

from blogkit.metrics import frechet_distance


def whitened(rng, rows, mean, cov):
    """Rows whose sample mean and covariance are exactly `mean` and `cov`."""
    x = rng.normal(size=(rows, len(mean)))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)).T)
    return x @ np.linalg.cholesky(cov).T + mean


def test_two_gaussians(rng):
    """Commuting covariances: |m - m'|^2 + |root C - root C'|^2, with roots by hand."""
    basis, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 4.0, 1.0])
    x = whitened(rng, 50, np.zeros(3), (basis * a) @ basis.T)
    y = whitened(rng, 70, np.array([1.0, 2.0, 2.0]), (basis * b) @ basis.T)
    expected = 9 + (1 - 2) ** 2 + (2 - 2) ** 2 + (3 - 1) ** 2
    np.testing.assert_allclose(frechet_distance(x, y), expected, rtol=1e-9)
    np.testing.assert_allclose(frechet_distance(y, x), expected, rtol=1e-9)


def test_covariances_that_do_not_commute(rng):
    """Against the trace of scipy's matrix root."""
    from scipy.linalg import sqrtm

    x, y = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4)), rng.normal(size=(30, 4)) + 1
    c, d = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    shift = ((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum()
    expected = shift + np.trace(c + d - 2 * np.real(sqrtm(c @ d)))
    np.testing.assert_allclose(frechet_distance(x, y), expected, rtol=1e-8)


def test_in_one_dimension(rng):
    x = rng.normal(size=(20, 1))
    np.testing.assert_allclose(
        frechet_distance(3 * x + 2, x), (2 * x.mean() + 2) ** 2 + (2 * x.std(ddof=1)) ** 2
    )


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros(3), np.zeros((3, 1)), r"\(3,\) and \(3, 1\)"),
        (np.zeros((3, 2)), np.zeros((3, 1)), "same dimensions"),
        (np.zeros((2, 2)), np.zeros((3, 2)), "more rows than dimensions"),
        (np.full((3, 1), np.nan), np.zeros((3, 1)), "finite"),
    ],
)
def test_refuses_other_features(x, y, message):
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, y)
