"""Training as a dynamical system: vector fields, flows, discrete steps and a computed verdict.

NumPy tier: no Keras; SciPy for flows only.
"""

from blogkit.gan_theory.dynamics.dirac import DIRAC, dirac_gan
from blogkit.gan_theory.dynamics.linear import (
    eigenvalues,
    jacobian,
    largest_stable_step,
    update_eigenvalues,
    update_matrix,
)
from blogkit.gan_theory.dynamics.plane import PLANE, plane_gan
from blogkit.gan_theory.dynamics.simulate import discretise, flow
from blogkit.gan_theory.dynamics.system import Conserved, System
from blogkit.gan_theory.dynamics.verdict import Verdict, verdict

__all__ = [
    "DIRAC",
    "PLANE",
    "Conserved",
    "System",
    "Verdict",
    "dirac_gan",
    "discretise",
    "eigenvalues",
    "flow",
    "jacobian",
    "largest_stable_step",
    "plane_gan",
    "update_eigenvalues",
    "update_matrix",
    "verdict",
]
