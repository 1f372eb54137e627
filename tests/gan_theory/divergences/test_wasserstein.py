"""Wasserstein-1 by distribution functions and by both linear programs, total variation, errors."""

import math
import sys

import numpy as np
import pytest

from blogkit.gan_theory import (
    f_divergence,
    normal_cdf,
    normal_density,
    quadrature,
    total_variation,
    wasserstein_1d,
    wasserstein_dual,
    wasserstein_of_cdfs,
    wasserstein_primal,
)


def between_normals(mean, deviation, crossing):
    x, weights = quadrature(crossing + np.linspace(-30, 30, 61))
    return wasserstein_of_cdfs(normal_cdf(x), normal_cdf(x, mean, deviation), weights)


def test_normal_laws():
    assert between_normals(1.0, 1.0, 0.5) == pytest.approx(1.0, abs=1e-8)
    assert between_normals(-2.5, 1.0, 0.0) == pytest.approx(2.5, abs=1e-8)
    for s in (2.0, 3.0):  # (s - 1) E|z|
        assert between_normals(0.0, s, 0.0) == pytest.approx((s - 1) * math.sqrt(2 / math.pi), abs=1e-8)


def weighted_points(rng, n, m, shape=()):
    x, y = rng.normal(size=(n, *shape)), 0.7 + rng.normal(size=(m, *shape))
    return x, y, rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(m))


@pytest.mark.parametrize("seed", range(4))
def test_line_and_both_programs_agree(seed):
    points = weighted_points(np.random.default_rng(seed), 12, 9)
    on_line = wasserstein_1d(*points)
    primal, plan = wasserstein_primal(*points)
    dual, on_x, on_y = wasserstein_dual(*points)
    assert primal == pytest.approx(on_line, abs=1e-8)
    assert dual == pytest.approx(on_line, abs=1e-8)
    x, y, x_weights, y_weights = points
    np.testing.assert_allclose(plan.sum(1), x_weights, atol=1e-9)
    np.testing.assert_allclose(plan.sum(0), y_weights, atol=1e-9)
    assert (plan * np.abs(x[:, None] - y)).sum() == pytest.approx(primal, abs=1e-9)
    assert x_weights @ on_x - y_weights @ on_y == pytest.approx(dual, abs=1e-9)
    everywhere, values = np.concatenate([x, y]), np.concatenate([on_x, on_y])
    slack = np.abs(everywhere[:, None] - everywhere) - np.abs(values[:, None] - values)
    assert slack.min() > -1e-9  # 1-Lipschitz


def test_programs_agree_in_the_plane(rng):
    points = weighted_points(rng, 10, 7, shape=(2,))
    primal, dual = wasserstein_primal(*points)[0], wasserstein_dual(*points)[0]
    assert primal == pytest.approx(dual, abs=1e-8)
    shift = np.array([3.0, 4.0])  # all mass moves by 5
    assert wasserstein_primal(points[0], points[0] + shift)[0] == pytest.approx(5, abs=1e-9)
    assert wasserstein_dual(points[0], points[0] + shift)[0] == pytest.approx(5, abs=1e-9)


def test_flat_divergence_and_a_slope():
    """delta_0 and delta_theta: JS is log 2 for all theta, W1 is |theta|."""
    for theta in (-2.0, 0.25, 3.0):
        p, q = [1.0, 0.0], [0.0, 1.0]
        assert f_divergence("twice_js").divergence(p, q) / 2 == pytest.approx(math.log(2))
        assert total_variation(p, q) == 1
        assert wasserstein_1d([0.0], [theta]) == abs(theta)


def test_total_variation_is_the_f_divergence():
    x, weights = quadrature(0.5 + np.linspace(-12, 12, 25))
    p, q = normal_density(x), normal_density(x, 1.0)
    expected = math.erf(1 / math.sqrt(8))
    assert total_variation(p, q, weights) == pytest.approx(expected, abs=1e-10)
    assert f_divergence("total_variation").divergence(p, q, weights) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (wasserstein_1d, ([[0.0]], [1.0]), r"`x`.*line.*\(1, 1\).*`wasserstein_primal`"),
        (wasserstein_1d, ([0.0], []), r"`y`.*shape \(0,\)"),
        (wasserstein_1d, ([0.0, 1.0], [1.0], [0.5, 0.6]), "`x_weights` must have total probability 1.*1.1"),
        (wasserstein_1d, ([0.0, 1.0], [1.0], [1.5, -0.5]), "`x_weights` must not be negative.*-0.5 at 1"),
        (wasserstein_1d, ([0.0], [1.0], None, [0.5, 0.5]), r"`y_weights`.*\(1,\).*\(2,\)"),
        (wasserstein_1d, ([math.nan], [1.0]), "`x` must be finite"),
        (wasserstein_primal, ([[0.0, 1.0]], [[1.0]]), r"one space.*\(1, 2\) and \(1, 1\)"),
        (wasserstein_dual, ([[0.0, 1.0]], [[1.0]]), "one space"),
        (wasserstein_of_cdfs, ([0.0, 1.0], [0.0], [1.0, 1.0]), "one shape"),
        (wasserstein_of_cdfs, ([0.0, 1.1], [0.0, 1.0], [1.0, 1.0]), r"within \[0, 1\].*1.1"),
        (quadrature, ([0.0, 0.0],), "increasing"),
        (quadrature, ([1.0],), "at least two"),
        (quadrature, ([0.0, 1.0], 0), "nodes=0"),
    ],
)
def test_bad_points_and_weights(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


@pytest.mark.parametrize("function", [wasserstein_primal, wasserstein_dual])
def test_without_scipy_the_error_names_the_extra(function, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match=rf"`{function.__name__}` needs scipy.*'blogkit\[theory\]'"):
        function([0.0], [1.0])
