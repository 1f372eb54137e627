"""R-hat and ESS against arviz, and by cases whose answer is known."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from blogkit.sampling import LangevinSampler, ess_bulk, ess_tail, rhat

AXES = {"chain_axis": 1, "draw_axis": 0}
OURS_AND_ARVIZ = {
    "rhat": (rhat, lambda x: array_stats.rhat(x, **AXES)),
    "ess_bulk": (ess_bulk, lambda x: array_stats.ess(x, method="bulk", **AXES)),
    "ess_tail": (ess_tail, lambda x: array_stats.ess(x, method="tail", prob=0.95, **AXES)),
}


def autoregression(rng, draws, chains, memory):
    """Stationary, of variance 1 and autocorrelation memory^lag."""
    x = rng.normal(size=(draws, chains))
    for t in range(1, draws):
        x[t] = memory * x[t - 1] + np.sqrt(1 - memory**2) * x[t]
    return x


@pytest.mark.parametrize("name", OURS_AND_ARVIZ)
def test_as_arviz(name):
    ours, arviz = OURS_AND_ARVIZ[name]
    for seed in range(200):
        rng = np.random.default_rng(seed)
        draws, chains = int(rng.integers(8, 120)), int(rng.integers(2, 6))
        x = autoregression(rng, draws, chains, rng.uniform(-0.95, 0.99))
        if seed % 3 == 0:
            x = np.round(2 * x)  # ties
        if seed % 4 == 0:
            x += 2 * rng.normal(size=chains)  # chains that disagree
        if seed % 7 == 0:
            x = np.exp(3 * x)  # heavy tails
        np.testing.assert_allclose(ours(x), arviz(x), rtol=1e-9, err_msg=f"seed {seed}")


def test_independent_draws_count_in_full(rng):
    x = rng.normal(size=(2000, 8, 3))
    assert rhat(x).shape == ess_bulk(x).shape == ess_tail(x).shape == (3,)
    assert rhat(x).max() < 1.01
    # The estimate's own error is about 1 % for 16,000 draws.
    np.testing.assert_allclose(ess_bulk(x), 16_000, rtol=0.1)
    np.testing.assert_allclose(ess_tail(x), 16_000, rtol=0.1)


@pytest.mark.parametrize("memory", [-0.5, 0.6, 0.9])
def test_autoregression_has_a_known_size(rng, memory):
    # 1 + 2 sum of memory^t = (1 + memory) / (1 - memory)
    x = autoregression(rng, 4000, 8, memory)
    assert ess_bulk(x) == pytest.approx(x.size * (1 - memory) / (1 + memory), rel=0.15)


def test_finds_chains_at_other_places_and_of_other_widths(rng):
    x = rng.normal(size=(500, 4))
    assert rhat(x + [0, 0, 0, 3]) > 1.2
    assert rhat(x * [1, 1, 1, 5]) > 1.1  # the folded half: their means agree
    assert rhat(x + np.linspace(0, 5, 500)[:, None]) > 1.2  # the split: all drift alike


def test_on_samples_of_a_sampler():
    sampler = LangevinSampler(lambda x: x[:, 0] ** 2 / 2, 0.5)
    draws = sampler.sample(np.zeros((50, 1), "float32"), 400, seed=0, thin=1)
    # ULA is an autoregression with memory 1 - step_size.
    expected = 50 * 400 * (1 - 0.5) / (1 + 0.5)
    assert ess_bulk(draws)[0] == pytest.approx(expected, rel=0.15)
    assert rhat(draws)[0] < 1.01


@pytest.mark.parametrize("function", [rhat, ess_bulk, ess_tail])
def test_bad_input(function):
    with pytest.raises(ValueError, match=r"4 draws.*shape \(3, 4\).*thin"):
        function(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="finite"):
        function(np.full((8, 4), np.nan))


def test_constant_draws():
    assert np.isnan(rhat(np.ones((8, 4))))
    assert ess_bulk(np.ones((8, 4))) == 32
