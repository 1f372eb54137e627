"""Error messages of LangevinSampler."""

import re

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.sampling import LangevinSampler

X0 = np.zeros((4, 2), "float32")


def energy(x):
    return ops.sum(x**2, axis=-1) / 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step_size": 0}, "positive number.*step_size=0"),
        ({"step_size": -0.1}, "positive number.*step_size=-0.1"),
        ({"step_size": float("nan")}, "positive number.*step_size=nan"),
        ({"step_size": "0.1"}, "positive number.*step_size='0.1'"),
        ({"temperature": 1.0, "noise_scale": 0.1}, "not both.*temperature=1.0, noise_scale=0.1"),
        ({"temperature": 0.5, "noise_scale": 0.1}, "not both.*temperature=0.5, noise_scale=0.1"),
        ({"temperature": -1}, "temperature=-1"),
        ({"noise_scale": -1}, "noise_scale=-1"),
        ({"method": "hmc"}, "'ula', 'mala'.*method='hmc'"),
        ({"boundary": "wrap"}, "'clip', 'reflect'.*boundary='wrap'"),
        ({"clip_grad": 0}, "clip_grad=0"),
        ({"bounds": (1, 0)}, r"low < high.*bounds=\(1, 0\)"),
        ({"bounds": (1, 1)}, "low < high"),
        ({"bounds": 1.0}, "pair"),
        ({"bounds": (0, np.inf), "boundary": "reflect"}, "two finite walls"),
        ({"boundary": "reflect"}, "needs `bounds`"),
        ({"energy": 3.0}, "callable.*energy=3.0"),
        ({"method": "mala", "clip_grad": 0.1}, "does not take clip_grad.*detailed balance"),
        ({"method": "mala", "noise_scale": 0.1}, "does not take noise_scale.*detailed balance"),
        ({"method": "mala", "noise_first": True}, "does not take noise_first"),
        ({"method": "mala", "temperature": 0}, "does not take temperature=0"),
        ({"method": "mala", "bounds": (0, 1)}, "boundary='clip'.*detailed balance.*'reflect'"),
    ],
)
def test_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        LangevinSampler(**{"energy": energy, "step_size": 0.1, **settings})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_steps": 0}, "positive integer.*num_steps=0"),
        ({"num_steps": 2.0}, "num_steps=2.0"),
        ({"seed": -1}, "non-negative integer.*seed=-1"),
        ({"first_step": -1}, "first_step=-1"),
        ({"thin": 3}, "thin=3, num_steps=10. Take 9"),
        ({"thin": 0}, "thin=0"),
        ({"trace": ("energy", "speed")}, "'energy', 'accept', 'grad_norm'.*trace='speed'"),
        ({"trace": ("energy", "energy")}, "once"),
        ({"callback": print, "callback_every": 0}, "callback_every=0"),
        ({"callback": print, "callback_every": 3, "thin": 2}, "thin=2, callback_every=3"),
        ({"x0": np.zeros((4, 2), "int32")}, "floating point.*int32.*astype"),
        ({"x0": np.float32(1)}, "chains along axis 0"),
        ({"x0": np.zeros((0, 2), "float32")}, "chains along axis 0"),
        ({"x0": np.array([[0, 0], [0, np.nan]], "float32")}, "finite.*chain 1"),
        ({"x0": np.zeros((4, 2), "float16")}, "float32 or float64.*float16"),
        ({"x0": np.array([[0, 0], [0, 7]], "float32")}, "within `bounds`.*7.0 in chain 1.*-5.0 to 5.0"),
    ],
)
def test_calls(options, message):
    sampler = LangevinSampler(energy, 0.1, bounds=(-5, 5))
    with pytest.raises(ValueError, match=message):
        sampler.sample(**{"x0": X0, "num_steps": 10, "seed": 0, **options})


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x, r"one value per chain.*\(4, 2\).*Sum over"),
        (lambda x: ops.sum(x), r"one value per chain.*shape \(\)"),
        (lambda x: ops.sum(x, -1, keepdims=True), r"shape \(4, 1\).*Reshape"),
        (lambda x: ops.sum(x, 0), r"shape \(2,\)"),
    ],
)
def test_energies_of_another_shape(function, message):
    with pytest.raises(ValueError, match=message):
        LangevinSampler(function, 0.1).sample(X0, 3, seed=0)


@pytest.mark.parametrize("shape", [(3,), (4, 2), (1, 2)])
def test_bounds_that_do_not_fit_a_state(shape):
    sampler = LangevinSampler(energy, 0.1, bounds=(np.full(shape, -5.0), 5.0))
    with pytest.raises(ValueError, match="fit one state.*" + re.escape(f"{shape}, states of shape (2,)")):
        sampler.sample(X0, 1, seed=0)


def falling(x):
    """Downhill at speed 1 until 3.5, NaN from there on."""
    return -x[:, 0] + 0 * ops.sqrt(3.5 - x[:, 0])


@pytest.mark.parametrize("options", [{}, {"trace": "energy", "callback": lambda *_: None}])
def test_nan_names_step_and_chain(options):
    sampler = LangevinSampler(falling, 1.0, noise_scale=0.0)
    x0 = np.array([[0], [0], [2], [1]], "float32")
    with pytest.raises(ValueError, match="not finite after step 2 in chain 2.*"):
        sampler.sample(x0, 6, seed=0, **options)
    with pytest.raises(ValueError, match="not finite after step 12 in chain 2.*"):
        sampler.sample(x0, 6, seed=0, first_step=10, **options)
    with pytest.raises(ValueError, match="at the start in chain 1 and 1 more"):
        sampler.sample(np.float32([[0], [4], [0], [5]]), 6, seed=0, **options)


def test_nan_with_noise_first_and_with_mala():
    x0 = np.array([[0], [2]], "float32")
    with pytest.raises(ValueError, match="after step 3 in chain 1"):  # its gradient is NaN
        LangevinSampler(falling, 1.0, noise_scale=0.0, noise_first=True).sample(x0, 6, seed=0)
    with pytest.raises(ValueError, match="not finite after step .* in chain"):
        LangevinSampler(falling, 1.0, method="mala").sample(x0, 100, seed=0)


def test_infinite_energy_is_a_wall_for_mala():
    def half_line(x):  # beyond the wall the gradient is NaN
        return x[:, 0] + ops.where(x[:, 0] < 0, float("inf"), 0.0) * ops.exp(0 * x[:, 0])

    sampler = LangevinSampler(half_line, 0.5, method="mala")
    start = np.full((500, 1), 0.1, "float32")
    x, trace = sampler.sample(start, 50, seed=0, trace="accept")
    assert keras.ops.convert_to_numpy(x).min() >= 0
    accept = keras.ops.convert_to_numpy(trace["accept"])
    assert (accept >= 0).all() and (accept == 0).any()
    start[7] = -0.5
    with pytest.raises(ValueError, match="not finite at the start in chain 7"):
        sampler.sample(start, 50, seed=0, trace="accept")


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_other_energies_without_a_number_are_errors_for_mala(value):
    sampler = LangevinSampler(lambda x: ops.where(x[:, 0] < 0, value, x[:, 0] ** 2), 0.5, method="mala")
    with pytest.raises(ValueError, match="after step"):
        sampler.sample(np.full((50, 1), 0.5, "float32"), 20, seed=0)


@pytest.mark.parametrize("method", ["ula", "mala"])
def test_gradient_without_a_number_is_an_error(method):
    def norm(x):  # at 0 it is 0 and its gradient 0 / 0
        return ops.sqrt(ops.sum(x * x, axis=1))

    x0 = np.float32([[3, 4], [0, 0], [1, 0]])
    when = "at the start" if method == "mala" else "after step 1"
    with pytest.raises(ValueError, match=f"or its gradient is not finite {when} in chain 1. "):
        LangevinSampler(norm, 0.1, method=method).sample(x0, 5, seed=0)


def test_divergence_says_what_to_change():
    with pytest.raises(ValueError, match="step_size=2.5.*smaller steps, clip_grad or bounds"):
        LangevinSampler(energy, 2.5).sample(X0, 1000, seed=0)


def test_schedule_below_zero():
    with pytest.raises(ValueError, match=r"step_size\(2\)=-0.5"):
        LangevinSampler(energy, lambda i: 1.5 - i).sample(X0, 5, seed=0)


def test_adapt():
    with pytest.raises(ValueError, match="`method` must be 'mala'.*method='ula'"):
        LangevinSampler(energy, 0.1).adapt(X0, 10, seed=0)
    with pytest.raises(ValueError, match="`step_size` a number for `adapt`"):
        LangevinSampler(energy, lambda i: 0.1, method="mala").adapt(X0, 10, seed=0)
    with pytest.raises(ValueError, match=r"number in \(0, 1\).*target_accept=1"):
        LangevinSampler(energy, 0.1, method="mala").adapt(X0, 10, seed=0, target_accept=1)


@pytest.mark.parametrize("shape", [(5, 0), (5, 3, 0), (5, 0, 3)])
@pytest.mark.parametrize("bounds", [None, (0.0, 1.0)])
def test_states_without_numbers(shape, bounds):
    sampler = LangevinSampler(energy, step_size=0.1, bounds=bounds)
    with pytest.raises(ValueError, match=rf"at least one number in each state.*{re.escape(str(shape))}"):
        sampler.sample(np.zeros(shape, "float32"), 3, seed=0)
