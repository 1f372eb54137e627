"""GANs on Keras: losses, gradient penalties and trainers.

The theory (divergences, dynamics) is in `blogkit.gan_theory`, on NumPy and SciPy.
"""

from blogkit.gan.ensemble import GANEnsemble
from blogkit.gan.game import Game
from blogkit.gan.losses import LOSSES, GANLoss, GradientPenalty, f_gan_loss, gan_loss, pair_distance
from blogkit.gan.members import MemberDense, member_weights, stack_members
from blogkit.gan.ring import RingQuality, ring_centres, ring_quality, ring_samples
from blogkit.gan.trainer import GANTrainer

__all__ = [
    "LOSSES",
    "GANEnsemble",
    "GANLoss",
    "GANTrainer",
    "Game",
    "GradientPenalty",
    "MemberDense",
    "RingQuality",
    "f_gan_loss",
    "gan_loss",
    "member_weights",
    "pair_distance",
    "ring_centres",
    "ring_quality",
    "ring_samples",
    "stack_members",
]
