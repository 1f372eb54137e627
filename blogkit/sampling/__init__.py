"""Sampling from exp(-E): Langevin dynamics, its diagnostics, a buffer of chains, sample quality.

Keras tier: on blogkit.ops.
"""

from blogkit.sampling.diagnostics import ess_bulk, ess_tail, rhat
from blogkit.sampling.langevin_sampler import LangevinSampler
from blogkit.sampling.langevin_step import langevin_step
from blogkit.sampling.replay_buffer import ReplayBuffer
from blogkit.sampling.sample_quality import frechet_distance, interval, kernel_distance

__all__ = [
    "LangevinSampler",
    "ReplayBuffer",
    "ess_bulk",
    "ess_tail",
    "frechet_distance",
    "interval",
    "kernel_distance",
    "langevin_step",
    "rhat",
]
