"""Flows and discrete steps against formulas and against an independent solver, and their errors."""

import sys

import numpy as np
import pytest

from blogkit.gan_theory import DIRAC, PLANE, dirac_gan, discretise, flow, plane_gan

SYSTEMS = [dirac_gan(name) for name in DIRAC] + [plane_gan(name) for name in PLANE]
EACH = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)


@EACH
def test_one_step_by_hand(system):
    h, z = 0.1, np.array(system.start)
    v = system(z)
    np.testing.assert_allclose(discretise(system, 1, h)[1], z + h * v, rtol=1e-14)
    moved = z.copy()
    for k in system.generator:
        moved[k] += h * v[k]
    for _ in range(2):
        v = system(moved)
        for k in system.critic:
            moved[k] += h * v[k]
    found = discretise(system, 1, h, "alternating", critic_steps=2)[1]
    np.testing.assert_allclose(found, moved, rtol=1e-13)


@EACH
def test_one_state_or_many(system, rng):
    states = rng.normal(size=(4, 5, system.size))
    found = system(states)
    assert found.shape == states.shape
    np.testing.assert_allclose(found[2, 3], system(states[2, 3]), rtol=1e-12)
    one_by_one = [system.field(*state.tolist()) for state in states[1]]  # floats
    np.testing.assert_allclose(found[1], np.array(one_by_one, "float64"), rtol=1e-12)


@EACH
def test_flow_is_the_limit_of_small_steps(system):
    """Euler's error is proportional to h: extrapolated from h and h / 2 it is of order h^2."""
    coarse, fine = (discretise(system, steps, 1.0 / steps)[-1] for steps in (4000, 8000))
    np.testing.assert_allclose(2 * fine - coarse, flow(system, [1.0])[0], atol=2e-5)


def test_flow_of_a_linear_field_is_its_exponential():
    system = dirac_gan("wgan_gp", weight=0.2)
    matrix, times = np.array([[0, -1], [1, -0.2]]), np.array([0.0, 0.5, 7.0])
    rates, vectors = np.linalg.eig(matrix)
    exact = [(vectors * np.exp(rates * t) @ np.linalg.inv(vectors) @ [1, 1]).real for t in times]
    np.testing.assert_allclose(flow(system, times), exact, atol=1e-9)


def test_flow_across_a_jump_is_pieced_together():
    """WGAN-GP with a target: on each side linear, so that each crossing is known."""
    system = dirac_gan("wgan_gp", weight=5.0, target=2.0)
    states = flow(system, np.linspace(0, 320, 4001), start=(1e-3, 0.0))
    assert np.abs(states).max() < 12  # an interpolation across the jump reached 20,000
    near = flow(system, [0.3], start=(-11.0, 0.1))[0]  # crosses psi = 0 early
    steps = discretise(system, 300_000, 1e-6, start=(-11.0, 0.1))
    np.testing.assert_allclose(near, steps[-1], atol=1e-4)


def test_clipping_bounds_the_critic_only():
    system = dirac_gan("wgan", clip=0.5)
    for updates in ("simultaneous", "alternating"):
        states = discretise(system, 300, 0.1, updates, start=(2.0, 0.1))
        assert np.abs(states[:, 1]).max() == 0.5
        assert np.abs(states[:, 0]).max() >= 2.0


def test_overflow_ends_as_infinity():
    states = discretise(dirac_gan("wgan_div"), 50, 0.2)
    assert np.isfinite(states[0]).all() and np.isinf(states[-1]).all()


def test_the_start_is_not_changed():
    start = np.array([1.0, 1.0])
    discretise(dirac_gan("gan"), 3, 0.1, start=start)
    np.testing.assert_array_equal(start, [1, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step_size": -0.1}, "positive number.*step_size=-0.1"),
        ({"step_size": 0}, "step_size=0"),
        ({"step_size": float("nan")}, "step_size=nan"),
        ({"steps": 0}, "positive integer.*steps=0"),
        ({"updates": "both"}, "`updates` must be one of 'simultaneous', 'alternating'.*'both'"),
        ({"critic_steps": 2}, "`critic_steps` must be 1.*one step of each.*critic_steps=2.*alternating"),
        ({"critic_steps": 0, "updates": "alternating"}, "critic_steps=0"),
        ({"start": (1.0,)}, "2 finite numbers for 'GAN'"),
        ({"start": (1.0, np.inf)}, "2 finite numbers"),
        ({"start": (0.0, 0.0)}, "`start` must be a point with a nonzero field.*is 0 there.*another start"),
    ],
)
def test_bad_steps(options, message):
    with pytest.raises(ValueError, match=message):
        discretise(dirac_gan("gan"), **{"steps": 3, "step_size": 0.1, **options})


def test_bad_flows(monkeypatch):
    gan = dirac_gan("gan")
    with pytest.raises(ValueError, match="clipping follows a step.*`discretise`"):
        flow(dirac_gan("wgan", clip=1.0), [1.0])
    for times in ([], [1.0, 1.0], [-1.0], [[1.0]]):
        with pytest.raises(ValueError, match="`times` must be increasing"):
            flow(gan, times)
    with pytest.raises(ValueError, match="nonzero field.*is not defined there"):
        flow(plane_gan("wgan"), [1.0], start=(0, 0, 1, 1))
    monkeypatch.setitem(sys.modules, "scipy.integrate", None)
    with pytest.raises(ImportError, match=r"`flow` needs scipy.*'blogkit\[theory\]'"):
        flow(gan, [1.0])


@pytest.mark.parametrize(
    ("build", "name", "settings", "message"),
    [
        (dirac_gan, "lsgan", {}, "`name` must be one of 'gan', 'nsgan', .*'wgan_div'.*name='lsgan'"),
        (plane_gan, "gan", {}, "`name` must be one of 'vanilla'.*name='gan'"),
        (dirac_gan, "gan", {"gamma": 1.0}, "'gan' takes the settings: none.*gamma=1.0"),
        (dirac_gan, "wgan_gp", {"gamma": 1.0}, "takes the settings: weight, target.*gamma=1.0"),
        (dirac_gan, "gan_r1", {"gamma": -1.0}, "non-negative.*gamma=-1.0"),
        (dirac_gan, "wgan", {"clip": 0.0}, "positive.*clip=0.0"),
        (dirac_gan, "wgan_div", {"power": 1.0}, "above 1.*power=1.0"),
        (dirac_gan, "instance_noise", {"standard_deviation": 0.0}, "standard_deviation=0.0"),
        (plane_gan, "gan_qp", {"distance": "psi"}, "`distance` must be one of 'theta', 'phi'.*'psi'"),
        (plane_gan, "gan_qp_l2", {"l2": 0.0}, "l2=0.0"),
    ],
)
def test_bad_systems(build, name, settings, message):
    with pytest.raises(ValueError, match=message):
        build(name, **settings)
