"""Jacobians, eigenvalues of updates and largest stable steps, against closed forms."""

import numpy as np
import pytest

from blogkit.gan_theory import (
    dirac_gan,
    discretise,
    eigenvalues,
    jacobian,
    largest_stable_step,
    plane_gan,
    update_eigenvalues,
    update_matrix,
)


def test_jacobian_by_hand():
    np.testing.assert_allclose(jacobian(dirac_gan("gan_r1", gamma=0.7)), [[0, -0.5], [0.5, -0.7]], atol=1e-12)
    # d/d theta of theta sigmoid(-theta psi) and so on, at (1, 2)
    s = 1 / (1 + np.exp(2))
    slope = -s * (1 - s)
    expected = [[-4 * slope, -s - 2 * slope], [s + 2 * slope, slope]]
    np.testing.assert_allclose(jacobian(dirac_gan("gan"), [1.0, 2.0]), expected, atol=1e-10)


@pytest.mark.parametrize("power", [2.5, 3.0, 6.0])
def test_powers_without_many_derivatives(power):
    found = jacobian(dirac_gan("wgan_div", power=power))
    np.testing.assert_allclose(found, [[0, -1], [1, 0]], atol=1e-20)


@pytest.mark.parametrize("updates", ["simultaneous", "alternating"])
@pytest.mark.parametrize("system", [dirac_gan("instance_noise"), plane_gan("gan_qp_l2"), dirac_gan("nsgan")])
def test_update_matrix_is_the_linear_part_of_an_update(system, updates, rng):
    critic_steps = 3 if updates == "alternating" else 1
    matrix = update_matrix(system, 0.3, updates, critic_steps)
    z = 1e-4 * rng.normal(size=system.size)
    step = discretise(system, 1, 0.3, updates, z, critic_steps)[1]
    np.testing.assert_allclose(step, matrix @ z, atol=1e-7)


@pytest.mark.parametrize("gamma", [0.05, 0.4, 0.9])
def test_largest_stable_step_of_r1(gamma):
    system = dirac_gan("gan_r1", gamma=gamma)
    assert largest_stable_step(system) == pytest.approx(4 * gamma, rel=1e-8)  # gamma / f'(0)^2
    alternating = 4 * (np.sqrt(gamma**2 + 1) - gamma)  # root of h^2 / 4 + 2 h gamma = 4
    assert largest_stable_step(system, "alternating") == pytest.approx(alternating, rel=1e-8)


def test_no_step_is_stable_or_every_one():
    assert largest_stable_step(dirac_gan("gan")) == largest_stable_step(dirac_gan("gan"), "alternating") == 0
    assert largest_stable_step(dirac_gan("gan_r1", gamma=0.4), highest=1.0) == 1.0


def test_modulus_of_alternating_steps_while_complex():
    for gamma, h in ((0.3, 0.2), (0.5, 1.0), (0.1, 2.0)):
        moduli = abs(update_eigenvalues(dirac_gan("gan_r1", gamma=gamma), h, "alternating"))
        np.testing.assert_allclose(moduli, np.sqrt(1 - h * gamma), rtol=1e-10)


def test_without_a_jacobian():
    with pytest.raises(ValueError, match="'WGAN-GP, weight 0.7, target 1' has no derivative"):
        jacobian(dirac_gan("wgan_gp", target=1.0))
    with pytest.raises(ValueError, match="'WGAN' has no equilibrium.*does not vanish"):
        eigenvalues(plane_gan("wgan"))
    with pytest.raises(ValueError, match="step_size=-1"):
        update_eigenvalues(dirac_gan("gan"), -1)
