"""Divergences between two distributions: eight f-divergences, Wasserstein-1 and total variation.

NumPy tier: no Keras; SciPy for linear programs only.
"""

from blogkit.gan_theory.divergences.catalogue import DIVERGENCES, f_divergence
from blogkit.gan_theory.divergences.closed_forms import gaussian_shift
from blogkit.gan_theory.divergences.f_divergence import FDivergence
from blogkit.gan_theory.divergences.quadrature import normal_cdf, normal_density, quadrature
from blogkit.gan_theory.divergences.transport import wasserstein_dual, wasserstein_primal
from blogkit.gan_theory.divergences.wasserstein_1d import total_variation, wasserstein_1d, wasserstein_of_cdfs

__all__ = [
    "DIVERGENCES",
    "FDivergence",
    "f_divergence",
    "gaussian_shift",
    "normal_cdf",
    "normal_density",
    "quadrature",
    "total_variation",
    "wasserstein_1d",
    "wasserstein_dual",
    "wasserstein_of_cdfs",
    "wasserstein_primal",
]
