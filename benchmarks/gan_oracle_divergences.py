"""Stage 2 of the oracle: each divergence by definition, dual and closed form; Wasserstein-1."""

import math

import numpy as np
from scipy.optimize import minimize_scalar

from blogkit.gan_theory import (
    DIVERGENCES,
    gaussian_shift,
    normal_cdf,
    normal_density,
    quadrature,
    wasserstein_1d,
    wasserstein_dual,
    wasserstein_of_cdfs,
    wasserstein_primal,
)


def checks():
    for mean in (1.0, 0.4, -1.5):
        x, weights = quadrature(mean / 2 + np.linspace(-12, 12, 25))
        p, q = normal_density(x), normal_density(x, mean)
        for name, divergence in DIVERGENCES.items():
            row, closed = f"{name}, mean {mean:g}", gaussian_shift(name, mean)
            primal, critic = divergence.divergence(p, q, weights), divergence.optimal_critic(p / q)
            dual = divergence.variational_value(critic, critic, p * weights, q * weights)
            yield "definition = closed form", row, abs(primal - closed), 1e-8
            yield "definition = dual at T*", row, abs(primal - dual), 1e-8
    for name, divergence in DIVERGENCES.items():
        tolerance = 1e-4 if name == "total_variation" else 1e-7
        yield "conjugate = supremum", name, max(_conjugate_errors(divergence)), tolerance
    yield from _wasserstein_checks()


def _conjugate_errors(divergence):
    grid = np.linspace(-3, 3, 41) + 0.013
    for t in grid[divergence.in_domain(grid)]:
        found = minimize_scalar(
            lambda log_u, t=t: float(divergence.f(math.exp(log_u)) - math.exp(log_u) * t),
            bounds=(-30, 15),
            method="bounded",
            options={"xatol": 1e-12},
        )
        yield abs(max(-found.fun, -divergence.at_zero) - float(divergence.conjugate(t)))


def _wasserstein_checks():
    for mean, deviation, expected in ((1.0, 1.0, 1.0), (0.0, 2.0, math.sqrt(2 / math.pi))):
        x, weights = quadrature(mean / 2 + np.linspace(-30, 30, 61))
        found = wasserstein_of_cdfs(normal_cdf(x), normal_cdf(x, mean, deviation), weights)
        yield "Wasserstein-1", f"N(0, 1), N({mean:g}, {deviation**2:g})", abs(found - expected), 1e-8
    rng = np.random.default_rng(0)
    points = (
        rng.normal(size=12),
        rng.normal(1.0, size=12),
        rng.dirichlet(np.ones(12)),
        rng.dirichlet(np.ones(12)),
    )
    on_line = wasserstein_1d(*points)
    for name, program in (("primal", wasserstein_primal), ("dual", wasserstein_dual)):
        yield "Wasserstein-1", f"12 weighted points, {name} program", abs(program(*points)[0] - on_line), 1e-8
