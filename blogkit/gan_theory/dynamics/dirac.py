"""The Dirac-GAN: real data at 0, one fake point theta, a critic psi * x.

Mescheder, Geiger and Nowozin 2018, "Which Training Methods for GANs do actually Converge?"
(arXiv:1801.04406), derived anew. With f(t) = -log(1 + exp(-t)) the generator descends and the
critic ascends f(psi theta) + f(0), so that

    theta' = -psi f'(theta psi),   psi' = theta f'(theta psi),   f'(t) = sigmoid(-t).

grad_x of the critic is psi, at every x: R1, R2 and an L2 penalty on the critic are all
gamma/2 psi^2 here and cannot be told apart. RSGAN has the field of the non-saturating GAN.
"""

import math

import numpy as np

from blogkit.checks import check_positive
from blogkit.gan_theory.arguments import build
from blogkit.gan_theory.dynamics.elementary import sigmoid, sign
from blogkit.gan_theory.dynamics.system import Conserved, System


def dirac_gan(name: str, **settings) -> System:
    """The Dirac-GAN with the losses of that name, as a `System` of (theta, psi).

    Args:
        name: One of `DIRAC`: 'gan' (saturating), 'nsgan', 'rsgan' (as 'nsgan' here), 'wgan',
            'gan_r1', 'nsgan_r1', 'instance_noise', 'consensus', 'wgan_gp' and 'wgan_div'.
        **settings: For 'wgan': `clip=None`. For the two with R1: `gamma=0.3`, the penalty is
            gamma/2 |grad D|^2. For 'instance_noise': `standard_deviation=0.7`. For 'consensus':
            `weight=1.0`, of |v|^2/2 in the loss of both. For 'wgan_gp': `weight=0.7` and
            `target=0.0`, the penalty is weight/2 (|grad D| - target)^2. For 'wgan_div':
            `weight=2.0` and `power=6.0`, the penalty is weight |grad D|^power.

    Raises:
        ValueError: For an unknown name or setting, or a setting out of range.

    Example: the eigenvalues of the plain GAN lie on the imaginary axis.

    >>> from blogkit.gan_theory import dirac_gan, eigenvalues
    >>> eigenvalues(dirac_gan("gan")).round(6).tolist()
    [-0.5j, 0.5j]
    """
    return build("Dirac-GAN", DIRAC, name, settings)


def _system(name, field, **extra):
    return System(name, field, (0,), (1,), target=(0.0, 0.0), start=(1.0, 1.0), **extra)


RADIUS = Conserved("theta^2 + psi^2", lambda theta, psi: theta**2 + psi**2, at_target=0.0)


def _gan_field(theta, psi):
    slope = sigmoid(-theta * psi)
    return -psi * slope, theta * slope


def _nsgan_field(theta, psi):
    return -psi * sigmoid(theta * psi), theta * sigmoid(-theta * psi)


def gan() -> System:
    return _system("GAN", _gan_field, conserved=(RADIUS,))


def nsgan() -> System:
    return _system("NSGAN", _nsgan_field)


def rsgan() -> System:
    return _system("RSGAN", _nsgan_field)


def wgan(clip: float | None = None) -> System:
    if clip is not None:
        check_positive("clip", clip)

    def ellipse(h):
        return Conserved("theta^2 + psi^2 - h theta psi", lambda t, p: t**2 + p**2 - h * t * p, at_target=0.0)

    return _system(
        "WGAN" if clip is None else f"WGAN, clip {clip:g}",
        lambda theta, psi: (-psi, theta),
        conserved=(RADIUS,) if clip is None else (),
        conserved_alternating=ellipse if clip is None else None,
        clip=clip,
    )


def _with_r1(name, field, gamma):
    check_positive("gamma", gamma, or_zero=True)

    def penalised(theta, psi):
        by_theta, by_psi = field(theta, psi)
        return by_theta, by_psi - gamma * psi

    return _system(f"{name} + R1, gamma {gamma:g}", penalised)


def gan_r1(gamma: float = 0.3) -> System:
    return _with_r1("GAN", _gan_field, gamma)


def nsgan_r1(gamma: float = 0.3) -> System:
    return _with_r1("NSGAN", _nsgan_field, gamma)


def instance_noise(standard_deviation: float = 0.7) -> System:
    """Noise on real and fake: means by Gauss and Hermite, where the original draws samples."""
    s = check_positive("standard_deviation", standard_deviation)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    noise, weights = s * nodes, weights / math.sqrt(2 * math.pi)

    def field(theta, psi):
        theta, psi = np.asarray(theta)[..., None], np.asarray(psi)[..., None]
        fake = theta + noise
        slope = sigmoid(-psi * fake)
        real = noise * sigmoid(psi * noise)
        return (-psi * slope) @ weights, (fake * slope - real) @ weights

    return _system(f"GAN + instance noise {s:g}", field)


def consensus(weight: float = 1.0) -> System:
    """v - weight * grad |v|^2/2, where |v|^2 = (theta^2 + psi^2) f'^2."""
    check_positive("weight", weight, or_zero=True)

    def field(theta, psi):
        slope = sigmoid(-theta * psi)
        bend = -slope * (1 - slope)  # f''
        both = (theta**2 + psi**2) * slope * bend
        return (
            -psi * slope - weight * (theta * slope**2 + psi * both),
            theta * slope - weight * (psi * slope**2 + theta * both),
        )

    return _system(f"GAN + consensus {weight:g}", field)


def wgan_gp(weight: float = 0.7, target: float = 0.0) -> System:
    check_positive("weight", weight, or_zero=True)
    check_positive("target", target, or_zero=True)

    def on_side(side):
        return lambda theta, psi: (-psi, theta - weight * (psi - target * side))

    jump = weight * target > 0
    return _system(
        f"WGAN-GP, weight {weight:g}, target {target:g}",
        lambda theta, psi: on_side(sign(psi))(theta, psi),
        smooth=not jump,
        sides=on_side if jump else None,
    )


def wgan_div(weight: float = 2.0, power: float = 6.0) -> System:
    check_positive("weight", weight, or_zero=True)
    if check_positive("power", power) <= 1:
        raise ValueError(f"`power` must be above 1 for a gradient at 0. Received: power={power!r}.")
    return _system(
        f"WGAN-div, weight {weight:g}, power {power:g}",
        lambda theta, psi: (-psi, theta - weight * power * abs(psi) ** (power - 1) * sign(psi)),
        smooth=False,
    )


DIRAC = {
    "gan": gan,
    "nsgan": nsgan,
    "rsgan": rsgan,
    "wgan": wgan,
    "gan_r1": gan_r1,
    "nsgan_r1": nsgan_r1,
    "instance_noise": instance_noise,
    "consensus": consensus,
    "wgan_gp": wgan_gp,
    "wgan_div": wgan_div,
}
