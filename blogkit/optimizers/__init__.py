"""Optimizers: n small batches with the effect of one large batch; averages of the weights.

Keras tier, a leaf: imports nothing else of blogkit.
"""

from blogkit.optimizers.accum_optimizer import AccumOptimizer
from blogkit.optimizers.averaged_sgd import AveragedSGD, AveragedValidation
from blogkit.optimizers.exact_fit import accumulate_exactly

__all__ = ["AccumOptimizer", "AveragedSGD", "AveragedValidation", "accumulate_exactly"]
