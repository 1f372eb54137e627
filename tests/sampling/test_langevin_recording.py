"""What LangevinSampler returns and shows on the way: `thin`, `trace` and callbacks."""

import numpy as np
import pytest
from langevin_reference import X0, energy_by_hand, numpy, sampler_of

from blogkit.ops import random_key, stateless_normal


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


def test_grad_norm_is_not_clipped_and_comes_from_the_noisy_state(float64):
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


def test_schedule_continues_across_blocks(float64):
    sampler = sampler_of("schedule")
    got = sampler.sample(X0, 12, seed=1, callback=lambda *_: None, callback_every=6)
    np.testing.assert_array_equal(numpy(got), numpy(sampler.sample(X0, 12, seed=1)))


def test_callback_ten_times_by_default_and_counts_from_the_first_step(float64):
    seen = []
    sampler_of("ula").sample(X0, 24, seed=1, first_step=100, callback=lambda step, x: seen.append(step))
    assert seen == list(range(102, 126, 2))
