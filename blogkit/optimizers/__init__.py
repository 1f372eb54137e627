"""Optimizers: n small batches with the effect of one large batch; averages of the weights; rates.

Keras tier: on blogkit.ops.
"""

from blogkit.optimizers.accum_optimizer import AccumOptimizer
from blogkit.optimizers.averaged_sgd import AveragedSGD, AveragedValidation
from blogkit.optimizers.exact_fit import accumulate_exactly
from blogkit.optimizers.warmup_linear_decay import WarmupLinearDecay

__all__ = ["AccumOptimizer", "AveragedSGD", "AveragedValidation", "WarmupLinearDecay", "accumulate_exactly"]
