"""The article's two-dimensional GAN: real data at 0, one fake point theta, a critic phi . x.

https://kexue.fm/archives/6583, whose code (bojone/gan, gan_numeric.py) has six pasted scripts of
these fields. Coordinates are (phi1, phi2, theta1, theta2), as there; its signs make phi point
from real to fake with the loss's gradient. Two things differ: the distance in GAN-QP is |theta|,
between real and fake, where the code divides by |phi|; and c/|phi| times phi is 0 at phi = 0.
"""

import math

import numpy as np

from blogkit.checks import check_choice, check_positive
from blogkit.gan_theory.arguments import build
from blogkit.gan_theory.dynamics.elementary import quotient, sigmoid
from blogkit.gan_theory.dynamics.system import Conserved, System


def plane_gan(name: str, **settings) -> System:
    """The article's two-dimensional model, as a `System` of (phi1, phi2, theta1, theta2).

    Args:
        name: One of `PLANE`: 'vanilla' (non-saturating), 'wgan' (the critic divides by |phi|),
            'wgan_gp', 'gan_qp' and 'gan_qp_l2'.
        **settings: For 'wgan_gp': `weight=0.1` and `target=1.0`, the penalty is
            weight (|phi| - target)^2. For 'gan_qp' and 'gan_qp_l2': `weight=1.0` (lambda) and
            `distance='theta'` or 'phi', the latter as in the article's code. For the last
            one also `l2=0.1`: l2 phi is subtracted from phi'.

    Raises:
        ValueError: For an unknown name or setting, or a setting out of range.

    Example: the vanilla flow conserves the area that theta and phi span.

    >>> from blogkit.gan_theory import plane_gan
    >>> system = plane_gan("vanilla")
    >>> system.conserved[0].name, round(system.conserved[0].value(*system.start), 6)
    ('theta x phi', 0.03)
    """
    return build("two-dimensional GAN", PLANE, name, settings)


def _system(name, field, **extra):
    return System(
        name,
        field,
        generator=(2, 3),
        critic=(0, 1),
        target=(math.nan, math.nan, 0.0, 0.0),
        start=(0.1, 0.2, 0.2, 0.1),
        **extra,
    )


def _cross(p1, p2, t1, t2):
    return t1 * p2 - t2 * p1


AREA = Conserved("theta x phi", _cross, at_target=0.0)


def _norm(a, b):
    return (a * a + b * b) ** 0.5


def vanilla() -> System:
    def field(p1, p2, t1, t2):
        p = sigmoid(p1 * t1 + p2 * t2)
        return -p * t1, -p * t2, (1 - p) * p1, (1 - p) * p2

    return _system("vanilla", field, conserved=(AREA,))


def wgan() -> System:
    def field(p1, p2, t1, t2):
        n = _norm(p1, p2)
        u1, u2 = p1 / n, p2 / n
        along = u1 * t1 + u2 * t2
        return (along * u1 - t1) / n, (along * u2 - t2) / n, u1, u2

    def spiral(p1, p2, t1, t2):
        square = p1 * p1 + p2 * p2
        return _cross(p1, p2, t1, t2) / square**0.5 * np.exp(-(t1 * t1 + t2 * t2) / (2 * square))

    return _system(
        "WGAN",
        field,
        equilibrium=False,
        conserved=(
            Conserved("|phi|", lambda p1, p2, t1, t2: _norm(p1, p2)),
            Conserved("theta x phi / |phi| exp(-|theta|^2 / (2 |phi|^2))", spiral, at_target=0.0),
        ),
    )


def wgan_gp(weight: float = 0.1, target: float = 1.0) -> System:
    check_positive("weight", weight, or_zero=True)
    check_positive("target", target, or_zero=True)

    def field(p1, p2, t1, t2):
        pull = 2 * weight * (1 - quotient(target, _norm(p1, p2)))
        return -t1 - pull * p1, -t2 - pull * p2, p1, p2

    return _system(f"WGAN-GP, weight {weight:g}, target {target:g}", field, smooth=False)


def gan_qp(weight: float = 1.0, distance: str = "theta") -> System:
    return _gan_qp(weight, 0.0, distance)


def gan_qp_l2(weight: float = 1.0, l2: float = 0.1, distance: str = "theta") -> System:
    check_positive("l2", l2)
    return _gan_qp(weight, l2, distance)


def _gan_qp(weight, l2, distance):
    check_positive("weight", weight)
    check_choice("distance", distance, choices=("theta", "phi"))

    def field(p1, p2, t1, t2):
        length = _norm(t1, t2) if distance == "theta" else _norm(p1, p2)
        pull = 1 + quotient(p1 * t1 + p2 * t2, length) / weight
        return -t1 * pull - l2 * p1, -t2 * pull - l2 * p2, p1, p2

    name = f"GAN-QP, weight {weight:g}" + (f" + L2 {l2:g}" if l2 else "")
    return _system(name, field, conserved=() if l2 else (AREA,), smooth=False)


PLANE = {
    "vanilla": vanilla,
    "wgan": wgan,
    "wgan_gp": wgan_gp,
    "gan_qp": gan_qp,
    "gan_qp_l2": gan_qp_l2,
}
