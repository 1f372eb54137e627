"""Optimizers: n small batches with the effect of one large batch.

Keras tier, a leaf: imports nothing else of blogkit.
"""

from blogkit.optimizers.accum_optimizer import AccumOptimizer
from blogkit.optimizers.exact_fit import accumulate_exactly

__all__ = ["AccumOptimizer", "accumulate_exactly"]
