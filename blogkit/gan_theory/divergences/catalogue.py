"""The eight f-divergences by name, with f(1) = 0 except for 'gan', where f(1) = -log 4.

Conjugates are derived for u >= 0. Where Nowozin et al. (arXiv:1606.00709, tables 1 and 5) scale
otherwise, the formula says so: 'twice_js' is 2 JS, 'squared_hellinger' has no factor 1/2.
"""

import math

import numpy as np

from blogkit.checks import check_choice
from blogkit.gan_theory.divergences.f_divergence import FDivergence

LOG_2, LOG_4 = math.log(2), math.log(4)


def _softplus(v):
    return np.logaddexp(0, v)


def _exp(v):
    return np.exp(np.minimum(v, 709.0))  # the largest exponent of float64


def _u_log_u(u):
    return u * np.log(u)


_ALL = (
    FDivergence(
        "kl",
        "u log u",
        generator=_u_log_u,
        derivative=lambda u: 1 + np.log(u),
        conjugate_formula=lambda t: _exp(t - 1),
        activation_formula=lambda v: v,
        at_zero=0.0,
        slope_at_infinity=math.inf,
    ),
    FDivergence(
        "reverse_kl",
        "-log u",
        generator=lambda u: -np.log(u),
        derivative=lambda u: -1 / u,
        conjugate_formula=lambda t: -1 - np.log(-t),
        activation_formula=lambda v: -_exp(-v),
        at_zero=math.inf,
        slope_at_infinity=0.0,
    ),
    FDivergence(
        "pearson",
        "(u - 1)^2",
        generator=lambda u: (u - 1) ** 2,
        derivative=lambda u: 2 * (u - 1),
        # Below -2 the supremum over u >= 0 is at u = 0.
        conjugate_formula=lambda t: np.maximum(t, -2) ** 2 / 4 + np.maximum(t, -2),
        activation_formula=lambda v: v,
        at_zero=1.0,
        slope_at_infinity=math.inf,
    ),
    FDivergence(
        "neyman",
        "(1 - u)^2 / u",
        generator=lambda u: (1 - u) ** 2 / u,
        derivative=lambda u: 1 - 1 / u**2,
        conjugate_formula=lambda t: 2 - 2 * np.sqrt(1 - t),
        activation_formula=lambda v: 1 - _exp(v),
        at_zero=math.inf,
        slope_at_infinity=1.0,
        closed=True,
    ),
    FDivergence(
        "squared_hellinger",
        "(sqrt(u) - 1)^2",
        generator=lambda u: (np.sqrt(u) - 1) ** 2,
        derivative=lambda u: 1 - 1 / np.sqrt(u),
        conjugate_formula=lambda t: t / (1 - t),
        activation_formula=lambda v: 1 - _exp(-v),
        at_zero=1.0,
        slope_at_infinity=1.0,
    ),
    FDivergence(
        "total_variation",
        "|u - 1| / 2",
        generator=lambda u: np.abs(u - 1) / 2,
        derivative=lambda u: np.sign(u - 1) / 2,
        conjugate_formula=lambda t: t,
        activation_formula=lambda v: np.tanh(v) / 2,
        at_zero=0.5,
        slope_at_infinity=0.5,
        closed=True,
        lower=-0.5,
    ),
    FDivergence(
        "gan",
        "u log u - (u + 1) log(u + 1)",
        generator=lambda u: _u_log_u(u) - (u + 1) * np.log1p(u),
        derivative=lambda u: -np.log1p(1 / u),
        conjugate_formula=lambda t: -np.log(-np.expm1(t)),
        activation_formula=lambda v: -_softplus(-v),
        at_zero=0.0,
        slope_at_infinity=0.0,
    ),
    FDivergence(
        "twice_js",
        "u log u - (u + 1) log((u + 1) / 2)",
        generator=lambda u: _u_log_u(u) - (u + 1) * (np.log1p(u) - LOG_2),
        derivative=lambda u: LOG_2 - np.log1p(1 / u),
        conjugate_formula=lambda t: -np.log(-np.expm1(t - LOG_2)) - LOG_2,
        activation_formula=lambda v: LOG_2 - _softplus(-v),
        at_zero=LOG_2,
        slope_at_infinity=LOG_2,
    ),
)

DIVERGENCES = {divergence.name: divergence for divergence in _ALL}


def f_divergence(name: str) -> FDivergence:
    """The f-divergence of that name, an `FDivergence`.

    Args:
        name: One of `DIVERGENCES`: 'kl', 'reverse_kl', 'pearson', 'neyman',
            'squared_hellinger', 'total_variation', 'gan' and 'twice_js'.

    Raises:
        ValueError: For an unknown name.

    Example: the Jensen-Shannon divergence is constant for disjoint supports, however far apart.

    >>> from blogkit.gan_theory import f_divergence
    >>> js = f_divergence("twice_js")
    >>> [round(js.divergence([1, 0, 0], q) / 2, 6) for q in ([0, 1, 0], [0, 0, 1])]
    [0.693147, 0.693147]
    """
    check_choice("name", name, DIVERGENCES)
    return DIVERGENCES[name]
