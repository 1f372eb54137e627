"""The ring's samples and the measure of their quality, against counts by hand."""

import numpy as np
import pytest

from blogkit.gan import ring_centres, ring_quality, ring_samples


def test_centres():
    np.testing.assert_allclose(ring_centres(4, 3.0), [[3, 0], [0, 3], [-3, 0], [0, -3]], atol=1e-12)


def test_quality_by_hand():
    centres = ring_centres()
    at_two = np.concatenate([np.repeat(centres[:1], 60, 0), np.repeat(centres[3:4], 2, 0), np.zeros((38, 2))])
    assert ring_quality(at_two) == (2, 0.62)
    at_two[60] = 0  # one of 100 samples is not more than 1 %
    assert ring_quality(at_two) == (1, 0.61)
    edge = centres[:1] + [[0.149, 0.0]]  # 3 standard deviations are 0.15
    assert ring_quality(edge) == (1, 1.0) and ring_quality(edge + [[0.002, 0]]) == (0, 0.0)


def test_samples_have_the_mixtures_moments():
    x = ring_samples(40_000, seed=3, standard_deviation=0.1)
    assert x.dtype == "float32" and x.shape == (40_000, 2)
    # E x = 0, E |x|^2 = 4 + 2 * 0.01; |z| < 4
    assert (np.abs(x.mean(0)) < 4 * np.sqrt(2.01 / 40_000)).all()
    square = (x.astype("float64") ** 2).sum(1)
    assert abs(square.mean() - 4.02) < 4 * square.std() / 200
    np.testing.assert_array_equal(x, ring_samples(40_000, seed=3, standard_deviation=0.1))
    assert (x != ring_samples(40_000, seed=4, standard_deviation=0.1)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ring_samples(0, 0), "count=0"),
        (lambda: ring_samples(5, 0, modes=0), "modes=0"),
        (lambda: ring_samples(5, 0, standard_deviation=-1), "standard_deviation=-1"),
        (lambda: ring_quality(np.zeros((3, 3))), r"points of the plane.*\(3, 3\)"),
        (lambda: ring_quality([[0.0, np.nan]]), "NaN or inf"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
