"""GANs in three stages: losses of samples, divergences of laws, dynamics of training.

Import from the part you need: `blogkit.gan.divergences` and `blogkit.gan.dynamics` are NumPy
(SciPy where it is used) and load no Keras; `losses`, `trainer`, `ensemble` and `members` are on
Keras and blogkit.ops. So that the former stay light, nothing is imported here.
"""
