"""LangevinSampler against a NumPy version with the same noise; seeds, halves, traces, errors."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import random_key, stateless_normal, stateless_uniform
from blogkit.sampling import LangevinSampler

BACKEND = keras.backend.backend()
X0 = np.random.default_rng(0).uniform(0, 0.1, size=(50, 3))
MALA = {"method": "mala"}
REFLECT = {"bounds": (-0.8, 0.5), "boundary": "reflect"}
BY_COORDINATE = (np.array([-1, -0.2, 0]), np.array([1.0, 0.4, 0.1]))
SETTINGS = {
    "ula": {},
    "mala": MALA,
    "noise_scale": {"noise_scale": 0.05, "clip_grad": 0.4},
    "noise_first": {
        "noise_first": True,
        "clip_grad": 0.4,
        "bounds": (-0.8, 0.5),
        "temperature": 0.3,
        "step_size": lambda i: 0.2 / (1 + i),
    },
    "clip": {"bounds": BY_COORDINATE, "temperature": 0.3},
    "reflect": REFLECT,
    "mala_reflect": {**MALA, **REFLECT, "temperature": 0.7},
    "schedule": {"step_size": lambda i: 0.2 / (1 + i)},
    "keras_schedule": {"step_size": keras.optimizers.schedules.ExponentialDecay(0.2, 3, 0.5), **MALA},
}
EACH = pytest.mark.parametrize("name", SETTINGS)


@functools.cache
def sampler_of(name):
    """One for several tests: compiling takes most of their time."""
    return LangevinSampler(energy, **{"step_size": 0.2, **SETTINGS[name]})


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def energy(x):
    """A bowl with a ridge, so that coordinates interact."""
    return ops.sum(x**2, axis=-1) / 2 + 2 / (1 + (2 * x[:, 0] + x[:, 1]) ** 2)


def energy_by_hand(x):
    across = 2 * x[:, 0] + x[:, 1]
    ridge = 2 / (1 + across**2)
    gradient = x - (ridge**2 * across)[:, None] * np.array([2, 1, 0])
    return (x**2).sum(1) / 2 + ridge, gradient


def fold(x, low, high):
    """Reflections one after the other, and the sign that they give the gradient."""
    sign = np.ones_like(x)
    while (x < low).any() or (x > high).any():
        for outside, wall in ((x < low, low), (x > high, high)):
            x, sign = np.where(outside, 2 * wall - x, x), np.where(outside, -sign, sign)
    return x, sign


def sample_by_hand(
    x,
    steps,
    seed,
    step_size=0.2,
    temperature=1.0,
    noise_scale=None,
    method="ula",
    noise_first=False,
    clip_grad=np.inf,
    bounds=None,
    boundary="clip",
):
    low, high = bounds or (-np.inf, np.inf)
    for i in range(steps):
        h = float(step_size(i)) if callable(step_size) else step_size
        scale = noise_scale or np.sqrt(2 * h * temperature)
        z = numpy(stateless_normal(x.shape, random_key(seed, 0), i, "float64"))
        if noise_first:
            x = x + scale * z
        value, gradient = energy_by_hand(x)
        y = x - h * np.clip(gradient, -clip_grad, clip_grad) + (0 if noise_first else scale * z)
        inside, sign = fold(y, low, high) if boundary == "reflect" else (np.clip(y, low, high), 1)
        if method == "ula":
            x = inside
            continue
        new_value, new_gradient = energy_by_hand(inside)
        back = x - (y - h * sign * new_gradient)
        there = y - (x - h * gradient)
        log_ratio = (value - new_value) / temperature
        log_ratio += ((there**2).sum(1) - (back**2).sum(1)) / (4 * h * temperature)
        u = numpy(stateless_uniform((len(x),), random_key(seed, 1), i, "float64"))
        x = np.where((u < np.exp(np.minimum(log_ratio, 0)))[:, None], inside, x)
    return x


@EACH
def test_as_numpy_does_it(name, float64):
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


@pytest.mark.parametrize("name", ["noise_first", "mala_reflect"])
def test_thin_and_trace(name, float64):
    sampler, names = sampler_of(name), ("grad_norm", "energy", "accept")
    states = numpy(sampler.sample(X0, 12, seed=1, thin=1))
    for steps in (6, 12):
        np.testing.assert_array_equal(states[steps - 1], numpy(sampler.sample(X0, steps, seed=1)))
    values, gradients = zip(*map(energy_by_hand, states))
    accept = {}
    for thin in (None, 3):
        samples, trace = sampler.sample(X0, 12, seed=1, thin=thin, trace=names)
        np.testing.assert_array_equal(numpy(samples), states[thin - 1 :: thin] if thin else states[-1])
        assert tuple(trace) == names
        first, every = (thin or 1) - 1, thin or 1
        np.testing.assert_allclose(numpy(trace["energy"]), values[first::every], rtol=1e-9)
        if name != "noise_first":
            norms = [np.linalg.norm(gradient, axis=1) for gradient in gradients[first::every]]
            np.testing.assert_allclose(numpy(trace["grad_norm"]), norms, rtol=1e-6)
        accept[thin] = numpy(trace["accept"])
    assert accept[None].shape == (12, 50)
    # The mean over the steps between.
    np.testing.assert_allclose(accept[3], accept[None].reshape(4, 3, 50).mean(1), rtol=1e-9)
    assert (accept[3] == 1).all() if sampler.method == "ula" else 0.1 < accept[3].mean() < 1


def test_grad_norm_is_not_clipped_and_of_where_noise_first_took_it(float64):
    _, trace = sampler_of("noise_first").sample(X0, 1, seed=1, trace="grad_norm")
    noise = numpy(stateless_normal(X0.shape, random_key(1, 0), 0, "float64"))
    _, gradient = energy_by_hand(X0 + np.sqrt(2 * 0.2 * 0.3) * noise)
    assert np.abs(gradient).max() > 0.4
    np.testing.assert_allclose(numpy(trace["grad_norm"])[0], np.linalg.norm(gradient, axis=1), rtol=1e-9)


@pytest.mark.parametrize("options", [{}, {"thin": 2, "trace": "energy"}])
def test_callback_between_blocks(options, float64):
    sampler, seen = sampler_of("ula"), []

    def callback(step, x):
        seen.append((step, numpy(x)))

    got = sampler.sample(X0, 10, seed=1, callback=callback, callback_every=4, **options)
    assert [step for step, _ in seen] == [4, 8, 10]
    states = {step: numpy(sampler.sample(X0, step, seed=1)) for step in (2, 4, 6, 8, 10)}
    for step, x in seen:
        np.testing.assert_array_equal(x, states[step])
    if options:
        samples, trace = got
        np.testing.assert_array_equal(numpy(samples), list(states.values()))
        expected = [energy_by_hand(x)[0] for x in states.values()]
        np.testing.assert_allclose(numpy(trace["energy"]), expected, rtol=1e-9)
    else:
        np.testing.assert_array_equal(numpy(got), states[10])


def test_schedule_goes_on_from_block_to_block(float64):
    sampler = sampler_of("schedule")
    got = sampler.sample(X0, 12, seed=1, callback=lambda *_: None, callback_every=6)
    np.testing.assert_array_equal(numpy(got), numpy(sampler.sample(X0, 12, seed=1)))


def test_callback_ten_times_by_default_and_counts_from_the_first_step(float64):
    seen = []
    sampler_of("ula").sample(X0, 24, seed=1, first_step=100, callback=lambda step, x: seen.append(step))
    assert seen == list(range(102, 126, 2))


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
    sampler = LangevinSampler(energy, 0.1)
    with pytest.raises(AttributeError):
        sampler.temperature = 2.0


def test_float64(float64):
    x = LangevinSampler(energy, 0.1).sample(np.zeros((4, 3)), 3, seed=0)
    assert keras.backend.standardize_dtype(x.dtype) == "float64"
