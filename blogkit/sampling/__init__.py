"""Sampling from the density exp(-E(x))/Z: Langevin dynamics and a replay buffer of chains.

Keras tier: imports blogkit.ops.
"""

from blogkit.sampling.langevin_sampler import LangevinSampler
from blogkit.sampling.langevin_step import langevin_step
from blogkit.sampling.replay_buffer import ReplayBuffer

__all__ = ["LangevinSampler", "ReplayBuffer", "langevin_step"]
