"""Verdicts at other parameters, steps and starts than the oracle's, where theory knows the answer."""

import sys

import numpy as np
import pytest

from blogkit.gan_theory import dirac_gan, eigenvalues, plane_gan, verdict
from blogkit.gan_theory.dynamics.evidence import LONGEST, NEAR
from blogkit.gan_theory.dynamics.trend import trend
from blogkit.gan_theory.dynamics.verdict import Verdict

C, O, D = "converges", "circles", "diverges"
SIM, ALT = "simultaneous", "alternating"


def kind(system, step=None, updates=SIM, start=None):
    return verdict(system, step, updates, start).kind


@pytest.mark.parametrize("gamma", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("start", [(3.0, -2.0), (0.01, 0.0)])
def test_r1_converges_below_its_largest_step(gamma, start):
    """theta^2 + psi^2 falls with -2 gamma psi^2: the flow converges from everywhere."""
    for name in ("gan_r1", "nsgan_r1"):
        found = verdict(dirac_gan(name, gamma=gamma), start=start)
        assert (found.kind, found.speed) == (C, "linear")
        np.testing.assert_allclose(found.eigenvalues, eigenvalues(dirac_gan(name, gamma=gamma)))


@pytest.mark.parametrize(
    ("gamma", "step", "updates", "expected"),
    [
        (0.3, 1.19, SIM, True),
        (0.3, 1.21, SIM, False),
        (0.05, 0.19, SIM, True),
        (0.05, 0.21, SIM, False),
        (0.8, 1.9, ALT, True),
        (0.8, 3.23, ALT, False),
        (0.05, 0.5, ALT, True),
    ],
)
def test_r1_on_both_sides_of_its_largest_step(gamma, step, updates, expected):
    assert (kind(dirac_gan("gan_r1", gamma=gamma), step, updates) == C) is expected


@pytest.mark.parametrize("start", [(0.01, 0.0), (1.0, -1.0), (4.0, 4.0)])
def test_gan(start):
    gan = dirac_gan("gan")
    assert kind(gan, start=start) == O
    for step in (0.01, 0.5):
        assert kind(gan, step, SIM, start) == D  # every step is longer than the radius


@pytest.mark.parametrize("start", [(0.01, 0.02), (3.0, -3.0), (5.0, 5.0)])
def test_nsgan(start):
    nsgan = dirac_gan("nsgan")
    for step, updates in ((None, SIM), (0.1, ALT)):
        found = verdict(nsgan, step, updates, start)
        assert (found.kind, found.speed) == (C, "sublinear")
    for step in (0.02, 0.4):
        found = verdict(nsgan, step, SIM, start)
        assert found.kind == O
        assert found.radii[1] > 0.1 * found.radii[0]
    assert kind(dirac_gan("rsgan"), start=start) == C


def test_nsgan_from_within_its_tiny_cycle():
    """r grows towards sqrt(2 h) = 0.14, too slowly to arrive: it must not be called divergence."""
    assert kind(dirac_gan("nsgan"), 0.01, SIM, (1e-3, 0.0)) == O


@pytest.mark.parametrize("start", [(1e-3, 0.0), (1.0, 1.0), (10.0, 0.0)])
@pytest.mark.parametrize(("weight", "target"), [(0.2, 1.0), (0.7, 0.1), (2.0, 0.3)])
def test_wgan_gp_with_a_target_never_arrives(weight, target, start):
    assert kind(dirac_gan("wgan_gp", weight=weight, target=target), start=start) == O


@pytest.mark.parametrize(
    ("name", "settings", "step", "updates", "start", "expected"),
    [
        # linear fields: I + h J decides; at h = 2 it has the double eigenvalue -1
        ("wgan", {}, 2.0, ALT, (1.0, 0.0), D),
        ("wgan", {}, 0.1, ALT, (0.1, 0.1), O),
        ("wgan", {}, 2.1, ALT, None, D),
        ("wgan", {}, 0.01, SIM, None, D),
        ("wgan_gp", {"weight": 0.1}, 0.09, SIM, None, C),
        ("wgan_gp", {"weight": 0.1}, 0.1, SIM, None, O),
        ("wgan_gp", {"weight": 0.1}, 0.11, SIM, None, D),
        ("wgan_gp", {"weight": 3.0}, None, SIM, (9.0, 9.0), C),
        # linear on each side of psi = 0, and there unstable: 1 - h w + h^2 > 1
        ("wgan_gp", {"weight": 0.05, "target": 1.0}, 0.1, SIM, None, D),
        ("wgan", {"clip": 0.1}, 0.1, SIM, (0.01, 0.0), O),
        ("wgan", {"clip": 3.0}, 0.1, ALT, None, O),
        # friction of a higher power loses near the target, steps of a fixed size push out
        ("wgan_div", {"power": 3.0, "weight": 0.1}, None, SIM, None, C),
        ("wgan_div", {"power": 6.0, "weight": 0.1}, None, SIM, (0.01, 0.0), C),
        ("wgan_div", {"power": 1.5}, None, SIM, None, C),
        ("wgan_div", {"power": 4.0}, 0.05, SIM, (0.3, 0.3), O),
        ("wgan_div", {"power": 4.0}, 0.05, ALT, (0.3, 0.3), C),
        ("instance_noise", {"standard_deviation": 0.2}, None, SIM, None, C),
        ("instance_noise", {"standard_deviation": 1.5}, 0.1, ALT, (3.0, 3.0), C),
        ("consensus", {"weight": 0.1}, None, SIM, (3.0, 3.0), C),
        # |1 + h lambda| > 1 for h > w / (1 + w^2 / 4): no convergence with twice that
        ("consensus", {"weight": 0.1}, 0.2, SIM, None, O),
    ],
)
def test_dirac(name, settings, step, updates, start, expected):
    assert kind(dirac_gan(name, **settings), step, updates, start) == expected


@pytest.mark.parametrize(
    ("name", "settings", "start", "expected"),
    [
        ("vanilla", {}, (0.3, 0.0, 0.4, 0.1), O),
        ("vanilla", {}, (0.1, 0.2, 0.05, 0.1), C),
        ("vanilla", {}, (5.0, 5.0, 4.0, 5.0), O),
        ("wgan", {}, (0.3, 0.0, 0.4, 0.1), O),
        ("wgan", {}, (0.1, 0.2, 0.05, 0.1), D),  # straight away
        ("wgan_gp", {"weight": 0.3, "target": 0.5}, None, O),
        ("wgan_gp", {}, (0.1, 0.2, 0.05, 0.1), O),
        ("wgan_gp", {"target": 0.0, "weight": 0.02}, (1.0, 2.0, -1.0, 0.5), C),
        ("gan_qp", {"weight": 3.0}, (1.0, 2.0, -1.0, 0.5), O),
        ("gan_qp", {}, (0.1, 0.2, 0.05, 0.1), C),
        ("gan_qp_l2", {"l2": 0.02}, (1.0, 2.0, -1.0, 0.5), C),
    ],
)
def test_plane(name, settings, start, expected):
    assert kind(plane_gan(name, **settings), start=start) == expected


def test_reason_has_the_numbers():
    found = verdict(plane_gan("vanilla"))
    assert "theta x phi = 0.03 (drift" in found.reason and "another value" in found.reason
    found = verdict(dirac_gan("gan_r1"), 0.2)
    assert "0.97-0.09539i" in found.reason and "moduli below 1" in found.reason
    assert str(found).startswith("converges (linear): the update's eigenvalues")
    assert "right angles" in verdict(dirac_gan("gan"), 0.2).reason


def test_alternating_gan_drifts_outwards_and_the_reason_says_so():
    """|eig| = 1 exactly, but a drift of order h^3 r^8: 20 % in 131,072 steps from radius 1.4."""
    found = verdict(dirac_gan("gan"), 0.2, ALT)
    assert found.kind == O and "slow drift outwards, by the factor 1." in found.reason
    assert found.radii[1] > 1.5


def test_no_identity_is_believed_that_the_simulation_does_not_confirm():
    import dataclasses

    vanilla = plane_gan("vanilla")
    wrong = dataclasses.replace(vanilla.conserved[0], value=lambda p1, p2, t1, t2: p1 * t1 + p2 * t2 + 1)
    line = (0.1, 0.2, 0.05, 0.1)
    assert kind(dataclasses.replace(vanilla, conserved=(wrong,)), start=line) == C


def test_start_that_hardly_moves_is_left_undecided():
    """|v| = 6e-7 at (4, 4): 131,072 steps of 0.2 are a hundredth of the way."""
    assert kind(dirac_gan("consensus", weight=1.0), 0.2, SIM, (4.0, 4.0)) == "undecided"


def test_stiff_flow_is_left_undecided():
    found = verdict(dirac_gan("consensus", weight=3.0), start=(4.0, 4.0))
    assert found.kind == "undecided" and "too stiff" in found.reason


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        ([1.0, 1.0], None),
        ([1, 1, 1, 1.0], "flat"),
        ([1, 0.5, 0.25, 0.125], "falling"),
        ([1, 0.99, 0.97, 0.93], "falling"),
        ([1, 1.01, 1.03, 1.07], "growing"),
        ([1, 2, 4, 8], "growing"),
        ([1, 1.01, 1.0, 1.02], None),
        ([1, 1.1, 1.12, 1.124], "flat"),
        ([1, 1.1, 0.9, 1.1], None),
        ([1.0, 0.009], "reached"),
        ([1.0, np.inf], "blown"),
        ([2e6], "blown"),
    ],
)
def test_trend(highest, expected):
    assert trend(highest, first=1.0) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": -0.2}, "positive number.*step=-0.2"),
        ({"step": 0}, "step=0"),
        ({"step": 0.1, "updates": "both"}, "'both'"),
        ({"start": (0.0, 0.0)}, "`start` must be a point with a nonzero field.*is 0 there"),
        ({"start": (1.0, 2.0, 3.0)}, "2 finite numbers"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        verdict(dirac_gan("gan"), **options)


def test_flow_of_a_clipped_system():
    with pytest.raises(ValueError, match="clipping follows a step. Give `step`"):
        verdict(dirac_gan("wgan", clip=1.0))


def test_without_scipy_steps_still_have_a_verdict(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.integrate", None)
    assert kind(dirac_gan("gan"), 0.2) == D
    with pytest.raises(ImportError, match=r"'blogkit\[theory\]'"):
        verdict(dirac_gan("gan"))


def test_docstrings_state_the_constants():
    assert f"Nearer than {NEAR} to a centre" in verdict.__doc__ and f"moved out to {NEAR}." in verdict.__doc__
    assert f"the longest simulation, {LONGEST:,} steps" in Verdict.__doc__


def test_a_start_near_a_centre_is_moved_out_to_the_stated_radius():
    near = verdict(dirac_gan("nsgan"), start=(0.01, 0.01))
    assert f"start moved out to {NEAR}" in near.reason
