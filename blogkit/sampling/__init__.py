"""Sampling from exp(-E): Langevin dynamics, its diagnostics and a buffer of chains.

Keras tier: on blogkit.ops.
"""

from blogkit.sampling.diagnostics import ess_bulk, ess_tail, rhat
from blogkit.sampling.langevin_sampler import LangevinSampler
from blogkit.sampling.langevin_step import langevin_step
from blogkit.sampling.replay_buffer import ReplayBuffer

__all__ = ["LangevinSampler", "ReplayBuffer", "ess_bulk", "ess_tail", "langevin_step", "rhat"]
