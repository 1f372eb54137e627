"""LangevinSampler against a NumPy version with the same noise; seeds, halves, traces, errors."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import random_key, stateless_normal, stateless_uniform
from blogkit.sampling import LangevinSampler

BACKEND = keras.backend.backend()
MALA = {"method": "mala"}
REFLECT = {"bounds": (-0.8, 0.5), "boundary": "reflect"}
SETTINGS = {
    "ula": {},
    "mala": MALA,
    "noise_first": {"noise_first": True},
    "temperature": {"temperature": 0.3},
    "noise_scale": {"noise_scale": 0.05},
    "clip_grad": {"clip_grad": 0.4},
    "clip": {"bounds": (-0.8, 0.5)},
    "clip_noise_first": {"bounds": (-0.8, 0.5), "noise_first": True, "clip_grad": 0.4},
    "reflect": REFLECT,
    "mala_reflect": {**MALA, **REFLECT, "temperature": 0.7},
    "bounds_by_coordinate": {"bounds": (np.array([-1, -0.2, 0]), np.array([1.0, 0.4, 0.1]))},
    "schedule": {"step_size": lambda i: 0.2 / (1 + i)},
    "keras_schedule": {"step_size": keras.optimizers.schedules.ExponentialDecay(0.2, 3, 0.5), **MALA},
}
EACH = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
SOME = pytest.mark.parametrize(
    "settings", [SETTINGS["noise_first"], SETTINGS["mala_reflect"], SETTINGS["schedule"]]
)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def energy(x):
    """A bowl with waves, so that coordinates interact."""
    return ops.sum(x**2, axis=-1) / 2 + ops.cos(2 * x[:, 0] + x[:, 1])


def energy_by_hand(x):
    angle = 2 * x[:, 0] + x[:, 1]
    gradient = x - np.sin(angle)[:, None] * np.array([2, 1, 0])
    return (x**2).sum(1) / 2 + np.cos(angle), gradient


def fold(x, low, high):
    """Reflections one after the other, and the sign that they give the gradient."""
    sign = np.ones_like(x)
    while (x < low).any() or (x > high).any():
        for outside, wall in ((x < low, low), (x > high, high)):
            x, sign = np.where(outside, 2 * wall - x, x), np.where(outside, -sign, sign)
    return x, sign


def sample_by_hand(
    x, steps, seed, step_size=0.2, temperature=1.0, noise_scale=None, method="ula",
    noise_first=False, clip_grad=np.inf, bounds=None, boundary="clip",
):  # fmt: skip
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
def test_as_numpy_does_it(settings, float64, rng):
    settings = {"step_size": 0.2, **settings}
    x0 = rng.uniform(0, 0.1, size=(50, 3))
    got = numpy(LangevinSampler(energy, **settings).sample(x0, 12, seed=7))
    # The schedules of Keras compute in float32.
    np.testing.assert_allclose(got, sample_by_hand(x0, 12, 7, **settings), rtol=1e-4, atol=1e-5)
    assert np.abs(got - x0).max() > 0.01


@EACH
def test_two_halves_are_one_call(settings, rng):
    sampler = LangevinSampler(energy, **{"step_size": 0.2, **settings})
    x0 = rng.uniform(0, 0.1, size=(50, 3)).astype("float32")
    whole = sampler.sample(x0, 30, seed=1)
    half = sampler.sample(x0, 13, seed=1)
    np.testing.assert_array_equal(numpy(sampler.sample(half, 17, seed=1, first_step=13)), numpy(whole))
    np.testing.assert_array_equal(numpy(sampler.sample(x0, 30, seed=1)), numpy(whole))
    assert (numpy(sampler.sample(half, 17, seed=1)) != numpy(whole)).any()


@pytest.mark.parametrize("method", ["ula", "mala"])
def test_two_halves_are_one_call_with_a_network(method, rng):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([
        keras.Input((8, 8, 1)), keras.layers.Conv2D(8, 3, activation="swish"),
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1), keras.layers.Reshape(()),
    ])  # fmt: skip
    sampler = LangevinSampler(network, 0.01, method=method)
    x0 = rng.uniform(size=(20, 8, 8, 1)).astype("float32")
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


@SOME
def test_thin_keeps_the_states_on_the_way(settings, rng):
    sampler = LangevinSampler(energy, **{"step_size": 0.2, **settings})
    x0 = rng.uniform(0, 0.1, size=(50, 3)).astype("float32")
    kept = numpy(sampler.sample(x0, 12, seed=1, thin=4))
    assert kept.shape == (3, 50, 3)
    for states, steps in zip(kept, (4, 8, 12)):
        np.testing.assert_array_equal(states, numpy(sampler.sample(x0, steps, seed=1)))


@SOME
@pytest.mark.parametrize("thin", [None, 3])
def test_trace(settings, thin, rng):
    settings = {"step_size": 0.2, **settings}
    sampler = LangevinSampler(energy, **settings)
    x0 = rng.uniform(0, 0.1, size=(50, 3)).astype("float32")
    samples, trace = sampler.sample(x0, 12, seed=1, thin=thin, trace=("grad_norm", "energy", "accept"))
    states = numpy(sampler.sample(x0, 12, seed=1, thin=thin or 1))
    np.testing.assert_array_equal(numpy(samples), states if thin else states[-1])
    assert list(trace) == ["grad_norm", "energy", "accept"]
    values, gradients = zip(*map(energy_by_hand, states))
    np.testing.assert_allclose(numpy(trace["energy"]), values, rtol=1e-4, atol=1e-5)
    if not settings.get("noise_first"):
        norms = [np.linalg.norm(gradient, axis=1) for gradient in gradients]
        np.testing.assert_allclose(numpy(trace["grad_norm"]), norms, rtol=1e-3, atol=1e-4)
    accept = numpy(trace["accept"])
    assert accept.shape == (12 // (thin or 1), 50)
    assert (accept == 1).all() if sampler.method == "ula" else 0.1 < accept.mean() < 1


def test_accept_is_the_mean_over_the_steps_between(rng):
    sampler = LangevinSampler(energy, 0.3, method="mala")
    x0 = rng.normal(size=(50, 3)).astype("float32")
    each = numpy(sampler.sample(x0, 12, seed=1, trace="accept")[1]["accept"])
    thinned = numpy(sampler.sample(x0, 12, seed=1, trace="accept", thin=4)[1]["accept"])
    np.testing.assert_allclose(thinned, each.reshape(3, 4, 50).mean(1), rtol=1e-5)


@pytest.mark.parametrize("options", [{}, {"thin": 2, "trace": ("energy",)}])
def test_callback_between_blocks(options, rng):
    sampler = LangevinSampler(energy, 0.1)
    x0 = rng.normal(size=(5, 3)).astype("float32")
    seen = []
    got = sampler.sample(
        x0, 10, seed=1, callback=lambda step, x: seen.append((step, numpy(x))), callback_every=4, **options
    )
    assert [step for step, _ in seen] == [4, 8, 10]
    for step, x in seen:
        np.testing.assert_array_equal(x, numpy(sampler.sample(x0, step, seed=1)))
    expected = sampler.sample(x0, 10, seed=1, **options)
    for a, b in zip(keras.tree.flatten(got), keras.tree.flatten(expected), strict=True):
        np.testing.assert_array_equal(numpy(a), numpy(b))


@pytest.mark.parametrize("options", [{}, {"thin": 2}, {"trace": ("energy",)}])
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


def test_energy_is_the_model_of_now(rng):
    weight = keras.Variable(1.0)
    sampler = LangevinSampler(lambda x: weight * ops.sum(x**2, -1) / 2, 0.1)
    x0 = rng.normal(size=(500, 2)).astype("float32")
    slow = numpy(sampler.sample(x0, 1, seed=1))
    weight.assign(5.0)
    np.testing.assert_allclose(numpy(sampler.sample(x0, 1, seed=1)) - slow, -0.4 * x0, atol=1e-5)


@pytest.mark.parametrize("start", [1e-3, 3.0])
def test_adapt_reaches_its_target(start, rng):
    x0 = rng.normal(size=(500, 20)).astype("float32")
    sampler = LangevinSampler(lambda x: ops.sum(x**2, -1) / 2, start, method="mala")
    for target in (0.574, 0.8):
        x, adapted = sampler.adapt(x0, 300, seed=1, target_accept=target)
        _, trace = adapted.sample(x, 100, seed=2, trace="accept")
        # 500 chains x 100 steps, and what dual averaging leaves after 300 steps
        assert abs(numpy(trace["accept"]).mean() - target) < 0.03
        assert (adapted.method, adapted.energy) == ("mala", sampler.energy)
    assert sampler.step_size == start


def test_settings_are_read_only():
    sampler = LangevinSampler(energy, 0.1)
    with pytest.raises(AttributeError):
        sampler.temperature = 2.0


def test_float64(float64):
    x = LangevinSampler(energy, 0.1).sample(np.zeros((4, 3)), 3, seed=0)
    assert keras.backend.standardize_dtype(x.dtype) == "float64"
