"""Langevin dynamics in NumPy, with the noise of LangevinSampler, and the settings to compare."""

import functools

import keras
import numpy as np
from keras import ops

from blogkit.ops import random_key, stateless_normal, stateless_uniform
from blogkit.sampling import LangevinSampler

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
