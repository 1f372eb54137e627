"""Theory of GANs: divergences between distributions, and training as a dynamical system.

Import from `blogkit.gan_theory.divergences` and `blogkit.gan_theory.dynamics`, whose names overlap
in meaning and not in letters.

NumPy tier, a leaf: no keras; SciPy in the functions that need it.
"""
