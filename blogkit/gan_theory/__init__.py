"""Theory of GANs: divergences between distributions, and training as a dynamical system.

NumPy tier, a leaf: no keras; SciPy in the functions that need it.
"""

from blogkit.gan_theory import divergences, dynamics
from blogkit.gan_theory.divergences import *  # noqa: F403
from blogkit.gan_theory.dynamics import *  # noqa: F403

__all__ = sorted([*divergences.__all__, *dynamics.__all__])
