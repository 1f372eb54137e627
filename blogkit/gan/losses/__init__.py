"""Losses of critic and generator as functions of logits, and gradient penalties."""

from blogkit.gan.losses.f_gan import f_gan_loss
from blogkit.gan.losses.gan_loss import LOSSES, GANLoss, gan_loss, pair_distance
from blogkit.gan.losses.gradient_penalty import GradientPenalty

__all__ = ["LOSSES", "GANLoss", "GradientPenalty", "f_gan_loss", "gan_loss", "pair_distance"]
