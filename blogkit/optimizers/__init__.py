"""Optimizers: gradient accumulation, weight averaging and a learning-rate schedule.

Keras tier: on blogkit.ops.
"""

from blogkit.optimizers.accum_optimizer import AccumOptimizer
from blogkit.optimizers.averaged_sgd import AveragedSGD, AveragedValidation
from blogkit.optimizers.exact_fit import accumulate_exactly
from blogkit.optimizers.warmup_linear_decay import WarmupLinearDecay

__all__ = ["AccumOptimizer", "AveragedSGD", "AveragedValidation", "WarmupLinearDecay", "accumulate_exactly"]
