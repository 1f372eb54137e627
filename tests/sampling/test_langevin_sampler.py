"""LangevinSampler against a NumPy version with the same noise; seeds, compilation, tuning."""

import keras
import numpy as np
import pytest
from keras import ops
from langevin_reference import SETTINGS, X0, energy, numpy, sample_by_hand, sampler_of

from blogkit.sampling import LangevinSampler

BACKEND = keras.backend.backend()
EACH = pytest.mark.parametrize("name", SETTINGS)


@EACH
def test_matches_numpy(name, float64):
    got = numpy(sampler_of(name).sample(X0, 12, seed=7))
    expected = sample_by_hand(X0, 12, 7, **{"step_size": 0.2, **SETTINGS[name]})
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)  # impossible in float32
    assert np.abs(got - X0).max() > 0.01


@EACH
def test_two_halves_are_one_call(name, float64):
    sampler = sampler_of(name)
    whole = numpy(sampler.sample(X0, 12, seed=1))
    half = sampler.sample(X0, 6, seed=1)
    np.testing.assert_array_equal(numpy(sampler.sample(half, 6, seed=1, first_step=6)), whole)
    np.testing.assert_array_equal(numpy(sampler.sample(X0, 12, seed=1)), whole)
    assert (numpy(sampler.sample(half, 6, seed=1)) != whole).any()


@pytest.mark.parametrize("method", ["ula", "mala"])
def test_two_halves_are_one_call_with_a_network(method, rng):
    keras.utils.set_random_seed(0)
    network = keras.Sequential(
        [
            keras.layers.Dense(16, activation="swish"),
            keras.layers.Dense(1),
            keras.layers.Reshape(()),
        ]
    )
    sampler = LangevinSampler(network, 0.01, method=method)
    x0 = rng.uniform(size=(20, 30)).astype("float32")
    whole = sampler.sample(x0, 12, seed=1)
    half = sampler.sample(x0, 5, seed=1)
    np.testing.assert_array_equal(numpy(sampler.sample(half, 7, seed=1, first_step=5)), numpy(whole))


def test_neighbouring_seeds_and_steps_are_uncorrelated():
    # With a flat energy and steps of 1/2 a chain is a sum of standard normal numbers.
    sampler = LangevinSampler(lambda x: 0 * x[:, 0], 0.5)
    zero = np.zeros((20_000, 1), "float32")
    walks = [numpy(sampler.sample(zero, 6, seed=s, thin=1))[..., 0].astype("float64") for s in range(3)]
    steps = np.diff(np.concatenate(walks), axis=0, prepend=0)
    steps[[6, 12]] = walks[1][0], walks[2][0]  # each walk begins at 0
    correlations = np.corrcoef(steps) * np.sqrt(20_000)
    assert np.abs(correlations[np.triu_indices(18, 1)]).max() < 4.5  # the largest of 153
    np.testing.assert_allclose(steps.var(1), 1, atol=4 * np.sqrt(2 / 20_000))


@pytest.mark.parametrize("options", [{}, {"thin": 2, "trace": ("energy",)}])
def test_compiles_once(options, rng):
    calls = []

    def counted(x):
        calls.append(1)
        return energy(x)

    sampler = LangevinSampler(counted, 0.1, method="mala")
    x0 = rng.normal(size=(5, 3)).astype("float32")
    sampler.sample(x0, 10, seed=1, **options)
    before = len(calls)
    sampler.sample(x0 + 1, 10, seed=2, first_step=40, **options)
    if not options:
        sampler.sample(x0, 2000 if BACKEND != "torch" else 10, seed=2)
    assert len(calls) - before == (0 if BACKEND != "torch" else 11 if options else 22)


@pytest.mark.parametrize("name", ["ula", "mala"])
def test_another_step_size_compiles_nothing(name):
    calls = []

    def counted(x):
        calls.append(1)
        return energy(x)

    sampler = LangevinSampler(counted, 0.2, **SETTINGS[name])
    sampler.sample(X0, 6, seed=1)
    before = len(calls)
    x = numpy(sampler.with_step_size(0.05).sample(X0, 6, seed=1))
    assert len(calls) - before == (0 if BACKEND != "torch" else 7)
    np.testing.assert_array_equal(
        x, numpy(LangevinSampler(energy, 0.05, **SETTINGS[name]).sample(X0, 6, seed=1))
    )
    assert sampler.step_size == 0.2
    with pytest.raises(ValueError, match="step_size=0"):
        sampler.with_step_size(0)


def test_takes_numpy_integers():
    sampler, whole = sampler_of("ula"), np.arange(9)
    expected = numpy(sampler.sample(X0, 6, seed=1, first_step=2, thin=3))
    found = sampler.sample(X0, whole[6], seed=whole[1], first_step=whole[2], thin=whole[3])
    np.testing.assert_array_equal(numpy(found), expected)
    seen = []
    x = sampler.sample(
        X0, whole[6], seed=1, callback=lambda step, x: seen.append(step), callback_every=whole[3]
    )
    np.testing.assert_array_equal(numpy(x), numpy(sampler.sample(X0, 6, seed=1)))
    assert seen == [3, 6]


def test_energy_is_the_model_of_now(rng):
    weight = keras.Variable(1.0)
    sampler = LangevinSampler(lambda x: weight * ops.sum(x**2, -1) / 2, 0.1)
    x0 = rng.normal(size=(500, 2)).astype("float32")
    slow = numpy(sampler.sample(x0, 1, seed=1))
    weight.assign(5.0)
    np.testing.assert_allclose(numpy(sampler.sample(x0, 1, seed=1)) - slow, -0.4 * x0, atol=1e-5)


@pytest.mark.parametrize(("start", "target"), [(1e-3, 0.574), (3.0, 0.8)])
def test_adapt_reaches_its_target(start, target, rng):
    x0 = rng.normal(size=(500, 20)).astype("float32")
    sampler = LangevinSampler(lambda x: ops.sum(x**2, -1) / 2, start, method="mala")
    x, adapted = sampler.adapt(x0, 300, seed=1, target_accept=target)
    _, trace = adapted.sample(x, 100, seed=2, trace="accept")
    # 500 chains x 100 steps, and what dual averaging leaves after 300 steps
    assert abs(numpy(trace["accept"]).mean() - target) < 0.03
    assert (adapted.method, adapted.energy) == ("mala", sampler.energy)
    assert sampler.step_size == start


def test_temperature_is_1_unless_a_noise_scale_is_given():
    assert LangevinSampler(energy, 0.1).temperature == 1
    assert LangevinSampler(energy, 0.1, temperature=0.0).temperature == 0
    assert LangevinSampler(energy, 0.1, noise_scale=0.0).temperature is None


def test_temperature_0_is_descent(float64):
    sampler = LangevinSampler(energy, 0.2, temperature=0)
    np.testing.assert_allclose(
        numpy(sampler.sample(X0, 2, seed=0)), sample_by_hand(X0, 2, 0, temperature=0), rtol=1e-12
    )


def test_settings_are_read_only():
    settings = dict(step_size=0.1, temperature=0.5, noise_scale=None, method="ula", noise_first=True)
    settings |= dict(energy=energy, clip_grad=0.4, bounds=(-1, 1), boundary="reflect")
    sampler = LangevinSampler(**settings)
    for name, value in settings.items():
        assert getattr(sampler, name) is value
        with pytest.raises(AttributeError):
            setattr(sampler, name, value)


def test_float64(float64):
    x = LangevinSampler(energy, 0.1).sample(np.zeros((4, 3)), 3, seed=0)
    assert keras.backend.standardize_dtype(x.dtype) == "float64"
