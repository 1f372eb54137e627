"""Closed forms of the f-divergences between two Gaussians that differ in their mean."""

import math

import numpy as np

from blogkit.gan_theory.divergences.catalogue import LOG_4, f_divergence


def gaussian_shift(name: str, mean: float) -> float:
    """D_f(N(0, 1) | N(mean, 1)), without a grid.

    With m = mean: m^2/2 for both KL, exp(m^2) - 1 for both chi^2, 2 - 2 exp(-m^2/8) for
    Hellinger's square, erf(|m| / sqrt 8) for total variation. 2 JS has no closed form; since
    the two Gaussians mirror each other it is one mean over a standard normal z,

        2 JS = log 4 - 2 E[log(1 + exp(m z - m^2/2))],

    which the trapezoidal rule gives to rounding (it converges exponentially here). The GAN's
    value is 2 JS - log 4.

    Args:
        name: As for `f_divergence`.
        mean: A number.

    Raises:
        ValueError: For an unknown name.

    Example:

    >>> from blogkit.gan_theory import gaussian_shift
    >>> gaussian_shift("kl", 1.0), round(gaussian_shift("total_variation", 1.0), 6)
    (0.5, 0.382925)
    """
    return _FORMS[f_divergence(name).name](float(mean))


def _twice_js(m):
    z = np.linspace(-12, 12, 2401)
    density = np.exp(-(z**2) / 2)  # not normalized
    return LOG_4 - 2 * float(density @ np.logaddexp(0, m * z - m**2 / 2) / density.sum())


def _chi_square(m):
    return math.expm1(m**2)


_FORMS = {
    "kl": lambda m: m**2 / 2,
    "reverse_kl": lambda m: m**2 / 2,
    "pearson": _chi_square,
    "neyman": _chi_square,
    "squared_hellinger": lambda m: -2 * math.expm1(-(m**2) / 8),
    "total_variation": lambda m: math.erf(abs(m) / math.sqrt(8)),
    "gan": lambda m: _twice_js(m) - LOG_4,
    "twice_js": _twice_js,
}
