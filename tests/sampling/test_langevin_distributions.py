"""Distributions of samples against closed forms: |z| < 4 and Kolmogorov-Smirnov, 20,000 chains."""

import functools

import numpy as np
import pytest
from keras import ops
from scipy import integrate, stats

from blogkit.sampling import LangevinSampler

CHAINS, MANY, UNLIKELY = 20_000, 4, 1e-4
LAMBDAS = np.array([0.5, 1.0, 2.0, 4.0])
CURVATURE = np.repeat(LAMBDAS, CHAINS).astype("float32")  # one group of chains per lambda


def gaussian(x):
    """lambda x^2 / 2, of mean 0 and variance 1 / lambda."""
    return ops.convert_to_tensor(CURVATURE) * x[:, 0] ** 2 / 2


def groups(x):
    return ops.convert_to_numpy(x).reshape(len(LAMBDAS), CHAINS).astype("float64")


def z_of_variance(x, variance):
    """z of the mean square of Gaussian samples with mean 0, whose relative standard error is sqrt(2/n)."""
    return ((x**2).mean(-1) / variance - 1) / np.sqrt(2 / x.shape[-1])


def exact_start(seed=5):
    return np.random.default_rng(seed).normal(size=(len(CURVATURE), 1)) / np.sqrt(CURVATURE)[:, None]


@functools.cache
def sampler_of(step_size, **options):
    """One for several tests: compiling takes most of their time."""
    return LangevinSampler(gaussian, step_size, **options)


@pytest.mark.parametrize(("step_size", "noise_first"), [(0.05, False), (0.2, True), (0.4, False)])
def test_ula_variance_after_k_steps(step_size, noise_first):
    # v <- (1 - e lambda)^2 v + 2 e from v = 0: 1 / (lambda (1 - e lambda/2)) times
    # 1 - (1 - e lambda)^(2k); noise before the gradient is contracted once more.
    sampler = sampler_of(step_size, noise_first=noise_first)
    for steps in (1, 2, 60):
        x = groups(sampler.sample(np.zeros((len(CURVATURE), 1), "float32"), steps, seed=11))
        contraction = (1 - step_size * LAMBDAS) ** 2
        variance = (1 - contraction**steps) / (LAMBDAS * (1 - step_size * LAMBDAS / 2))
        variance *= contraction if noise_first else 1
        assert np.abs(z_of_variance(x, variance)).max() < MANY
        deviations = np.sqrt(variance)
        assert min(stats.kstest(a / s, "norm").pvalue for a, s in zip(x, deviations)) > UNLIKELY


@pytest.mark.parametrize("step_size", [0.05, 0.4])
def test_mala_keeps_the_true_distribution(step_size):
    sampler = sampler_of(step_size, method="mala")
    x = groups(sampler.sample(exact_start().astype("float32"), 40, seed=12))
    assert np.abs(z_of_variance(x, 1 / LAMBDAS)).max() < MANY
    assert min(stats.kstest(a * s, "norm").pvalue for a, s in zip(x, np.sqrt(LAMBDAS))) > UNLIKELY


def test_mala_finds_the_true_distribution_where_ula_is_far_off():
    zero = np.zeros((len(CURVATURE), 1), "float32")
    found = {}
    for method, options in (("ula", {"noise_first": False}), ("mala", {"method": "mala"})):
        x = sampler_of(0.4, **options).sample(zero, 80, seed=13)
        found[method] = np.abs(z_of_variance(groups(x), 1 / LAMBDAS))
    assert found["mala"].max() < MANY
    assert found["ula"].min() > 6  # 1 / (1 - 0.4 lambda / 2) is 1.11 to 5: 11 errors and more


def test_mala_acceptance():
    """E[min(1, ratio)] at stationarity, by quadrature over x and the proposal."""
    step_size = 0.9
    x = np.linspace(-6, 6, 401)[:, None]  # standard normal target
    y = np.linspace(-8, 8, 501)

    def flow(x, y):  # p(x) q(y|x)
        return stats.norm.pdf(x) * stats.norm.pdf(y, x - step_size * x, np.sqrt(2 * step_size))

    expected = np.trapezoid(np.trapezoid(np.minimum(flow(x, y), flow(y, x)), y, axis=1), x[:, 0])
    sampler = LangevinSampler(lambda x: x[:, 0] ** 2 / 2, step_size, method="mala")
    x0 = np.random.default_rng(3).normal(size=(CHAINS, 1)).astype("float32")
    x, trace = sampler.sample(x0, 1, seed=14, trace=("accept",))
    accept = ops.convert_to_numpy(trace["accept"])[0].astype("float64")
    assert abs(accept.mean() - expected) / (accept.std() / np.sqrt(CHAINS)) < MANY
    moved = (ops.convert_to_numpy(x) != x0).mean()
    assert abs(moved - expected) / np.sqrt(expected * (1 - expected) / CHAINS) < MANY


@pytest.mark.parametrize(("method", "temperature"), [("ula", 0.3), ("mala", 2.5)])
def test_temperature(method, temperature):
    sampler = LangevinSampler(gaussian, 0.2, temperature=temperature, method=method)
    variance = temperature / LAMBDAS
    if method == "ula":
        variance = variance / (1 - 0.2 * LAMBDAS / 2)
    start = exact_start() * np.sqrt(np.repeat(variance * LAMBDAS, CHAINS))[:, None]
    x = groups(sampler.sample(start.astype("float32"), 30, seed=25))
    assert np.abs(z_of_variance(x, variance)).max() < MANY


def test_noise_scale_implies_a_temperature():
    # sd^2 / (1 - (1 - lr)^2) for E = x^2/2, and what openai/ebm_code_release adds first
    lr, sd = 0.05, 0.1
    sampler = LangevinSampler(lambda x: x[:, 0] ** 2 / 2, lr, noise_scale=sd, noise_first=True)
    x = ops.convert_to_numpy(sampler.sample(np.zeros((CHAINS, 1), "float32"), 150, seed=16))
    variance = sd**2 / (1 - (1 - lr) ** 2) * (1 - lr) ** 2
    assert abs(z_of_variance(x[:, 0].astype("float64"), variance)) < MANY


MEANS, WEIGHTS, SPREAD = np.array([[-1.5, 0.0], [1.0, 1.0]]), np.array([0.3, 0.7]), 0.6


def mixture(x):
    squares = ops.sum((x[:, None] - ops.convert_to_tensor(MEANS, x.dtype)) ** 2, -1)
    return -ops.logsumexp(ops.convert_to_tensor(np.log(WEIGHTS), x.dtype) - squares / (2 * SPREAD**2), -1)


def mixture_start(rng):
    at = rng.choice(2, CHAINS, p=WEIGHTS)
    return (MEANS[at] + SPREAD * rng.normal(size=(CHAINS, 2))).astype("float32")


def mixture_cdf(axis):
    return lambda x: sum(w * stats.norm.cdf(x, m, SPREAD) for w, m in zip(WEIGHTS, MEANS[:, axis]))


def test_two_modes_of_unequal_weight(rng):
    start = mixture_start(rng)
    found = {
        method: ops.convert_to_numpy(LangevinSampler(mixture, 0.2, method=method).sample(start, 40, seed=17))
        for method in ("ula", "mala")
    }
    for axis in (0, 1):
        pvalue = {m: stats.kstest(x[:, axis], mixture_cdf(axis)).pvalue for m, x in found.items()}
        assert pvalue["mala"] > UNLIKELY > pvalue["ula"]  # ula's bias is found, mala has none


def test_double_well_from_one_side():
    def well(x):
        return (x[:, 0] ** 2 - 1) ** 2

    def moment(power):
        return integrate.quad(lambda x: x**power * np.exp(-((x * x - 1) ** 2)), -6, 6)[0]

    second = moment(2) / moment(0)
    assert second == pytest.approx(0.83275, abs=1e-5)
    error = np.sqrt((moment(4) / moment(0) - second**2) / CHAINS)
    x = LangevinSampler(well, 0.1, method="mala").sample(-np.ones((CHAINS, 1), "float32"), 600, seed=18)
    x = ops.convert_to_numpy(x).astype("float64")
    assert abs((x**2).mean() - second) / error < MANY
    assert abs((x > 0).mean() - 0.5) / np.sqrt(0.25 / CHAINS) < MANY


def test_reflecting_walls_are_exact_for_mala():
    # exp(-2 x) on [0, 1.5], from the left wall, with steps that fold more than once
    distribution = stats.truncexpon(b=3.0, scale=0.5)
    sampler = LangevinSampler(
        lambda x: 2 * x[:, 0], 1.0, method="mala", bounds=(0.0, 1.5), boundary="reflect"
    )
    x = ops.convert_to_numpy(sampler.sample(np.zeros((CHAINS, 1), "float32"), 60, seed=19))
    assert x.min() >= 0 and x.max() <= 1.5
    assert stats.kstest(x[:, 0], distribution.cdf).pvalue > UNLIKELY


def test_reflecting_walls_keep_the_uniform_distribution_with_ula(rng):
    sampler = LangevinSampler(lambda x: 0 * x[:, 0], 0.3, bounds=(-1.0, 2.0), boundary="reflect")
    x = sampler.sample(rng.uniform(-1, 2, (CHAINS, 1)).astype("float32"), 20, seed=20)
    distribution = stats.uniform(-1, 3)
    assert stats.kstest(ops.convert_to_numpy(x)[:, 0], distribution.cdf).pvalue > UNLIKELY
