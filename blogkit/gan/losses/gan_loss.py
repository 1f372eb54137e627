"""Twelve pairs of losses by name. D minimises the critic's, G the generator's; D(x) is a logit."""

import dataclasses
from collections.abc import Callable

from keras import ops

from blogkit.checks import check_positive
from blogkit.gan.losses.gradient_penalty import GradientPenalty, one_per_sample
from blogkit.gan_theory.arguments import build


@dataclasses.dataclass(frozen=True, eq=False)
class GANLoss:
    """A critic's and a generator's loss, both scalars.

    Most are means of a function of one logit, and then the three functions are attributes,
    so that an integral can take the place of the mean:

        critic = E on_real(r) + E on_fake(f),   generator = E on_generated(f).

    Args:
        name: As in `gan_loss(name)`.
        critic_of, generator_of: Losses of `(real_logits, fake_logits, distance)`, means over the
            first axis: a scalar for `(batch,)`, one for each member for `(batch, members)`.
        on_real, on_fake, on_generated: The functions above, or None.
        penalty: `GradientPenalty` to add to the critic's loss, or None.
        compares: Whether the generator's loss also uses real logits.
        needs_distance: Whether the critic's loss needs the distance of each pair.

    Example: the generator's loss where the critic is confident that x is fake.

    >>> import keras
    >>> from blogkit.gan import gan_loss
    >>> confident = keras.ops.array([-10.0])
    >>> [round(float(gan_loss(name).generator(None, confident)), 4) for name in ("hinge", "non_saturating")]
    [10.0, 10.0]
    """

    name: str
    critic_of: Callable
    generator_of: Callable
    on_real: Callable | None = None
    on_fake: Callable | None = None
    on_generated: Callable | None = None
    penalty: GradientPenalty | None = None
    compares: bool = False
    needs_distance: bool = False

    def critic(self, real_logits, fake_logits, distance=None):
        """The critic's loss, without `penalty`.

        Args:
            real_logits, fake_logits: D at real and at fake samples, `(batch,)` or `(batch, 1)`.
            distance: |x_real - x_fake| of each pair, `(batch,)`; for GAN-QP only.

        Returns:
            A scalar.

        Raises:
            ValueError: For logits of other shapes, batches of two sizes where samples are
                compared in pairs, and GAN-QP without a distance.
        """
        if self.needs_distance and distance is None:
            raise ValueError(f"'{self.name}' needs `distance`, as `pair_distance(real, fake)` gives it.")
        return self.critic_of(*self._logits(real_logits, fake_logits), distance)

    def generator(self, real_logits, fake_logits, distance=None):
        """The generator's loss. Arguments as for `critic`; real logits may be None if the loss does
        not use them (`compares` is False)."""
        if self.compares:
            return self.generator_of(*self._logits(real_logits, fake_logits), distance)
        return self.generator_of(None, one_per_sample(fake_logits), distance)

    def _logits(self, real, fake):
        if real is None:
            raise ValueError(f"'{self.name}' compares real with fake: it needs `real_logits`.")
        real, fake = one_per_sample(real), one_per_sample(fake)
        if self.compares and None not in (real.shape[0], fake.shape[0]) and real.shape[0] != fake.shape[0]:
            raise ValueError(
                f"'{self.name}' compares pairs: `real_logits` and `fake_logits` must have one size. "
                f"Received: {real.shape[0]} real and {fake.shape[0]} fake logits."
            )
        return real, fake


def gan_loss(name: str, **settings) -> GANLoss:
    """The pair of losses of that name, a `GANLoss`.

    Args:
        name: One of `LOSSES`: 'vanilla' (saturating), 'non_saturating', 'lsgan', 'hinge',
            'wgan' (the critic must be kept Lipschitz by clipping or spectral norms), 'wgan_gp',
            'wgan_div', 'r1', 'r2', 'rsgan', 'ragan' and 'gan_qp'.
        **settings: For 'lsgan': `fake_target=0.0`, `real_target=1.0`, `generator_target=1.0`.
            For 'wgan_gp': `weight=10.0`, `target=1.0`. For 'wgan_div': `weight=2.0`, `power=6.0`.
            For 'r1' and 'r2': `gamma=10.0` and `base='non_saturating'`, the loss they join.
            For 'gan_qp': `weight=10.0`, lambda times the distance in the denominator.

    Raises:
        ValueError: For an unknown name or setting.

    Example:

    >>> import keras
    >>> from blogkit.gan import gan_loss
    >>> real, fake = keras.ops.array([2.0, 0.5]), keras.ops.array([-3.0, 0.5])
    >>> hinge = gan_loss("hinge")
    >>> float(hinge.critic(real, fake)), float(hinge.generator(None, fake))
    (1.0, 1.25)
    """
    return build("loss", LOSSES, name, settings)


def pair_distance(real, fake):
    """|x_real - x_fake| of each pair, Euclidean over all but the batch axis: `(batch,)`."""
    away = ops.convert_to_tensor(real) - ops.convert_to_tensor(fake)
    return ops.sqrt(ops.sum(ops.square(ops.reshape(away, (ops.shape(away)[0], -1))), axis=1))


def of_single_logits(
    name: str, on_real: Callable, on_fake: Callable, on_generated: Callable, **extra
) -> GANLoss:
    return GANLoss(
        name,
        lambda real, fake, distance: _mean(on_real(real)) + _mean(on_fake(fake)),
        lambda real, fake, distance: _mean(on_generated(fake)),
        on_real,
        on_fake,
        on_generated,
        **extra,
    )


def _mean(values):
    """Over the batch alone, so that logits (batch, members) give a loss of each member."""
    return ops.mean(values, axis=0)


def _softplus_of_minus(logits):
    return ops.softplus(-logits)


def _minus(logits):
    return -logits


def _vanilla():
    return of_single_logits("vanilla", _softplus_of_minus, ops.softplus, lambda f: -ops.softplus(f))


def _non_saturating():
    return of_single_logits("non_saturating", _softplus_of_minus, ops.softplus, _softplus_of_minus)


def _lsgan(fake_target=0.0, real_target=1.0, generator_target=1.0):
    return of_single_logits(
        "lsgan",
        lambda r: (r - real_target) ** 2,
        lambda f: (f - fake_target) ** 2,
        lambda f: (f - generator_target) ** 2,
    )


def _hinge():
    return of_single_logits("hinge", lambda r: ops.relu(1 - r), lambda f: ops.relu(1 + f), _minus)


def _wgan():
    return of_single_logits("wgan", _minus, lambda f: f, _minus)


def _wgan_gp(weight=10.0, target=1.0):
    return dataclasses.replace(_wgan(), name="wgan_gp", penalty=GradientPenalty("between", weight, target))


def _wgan_div(weight=2.0, power=6.0):
    return dataclasses.replace(
        _wgan(), name="wgan_div", penalty=GradientPenalty("between", weight, power=power)
    )


def _r1(gamma=10.0, base="non_saturating"):
    return dataclasses.replace(gan_loss(base), name="r1", penalty=GradientPenalty("real", gamma / 2))


def _r2(gamma=10.0, base="non_saturating"):
    return dataclasses.replace(gan_loss(base), name="r2", penalty=GradientPenalty("fake", gamma / 2))


def _rsgan():
    return GANLoss(
        "rsgan",
        lambda real, fake, distance: _mean(ops.softplus(fake - real)),
        lambda real, fake, distance: _mean(ops.softplus(real - fake)),
        compares=True,
    )


def _ragan():
    def critic(real, fake, distance=None):
        on_real = ops.softplus(_mean(fake) - real)
        return _mean(on_real) + _mean(ops.softplus(fake - _mean(real)))

    return GANLoss("ragan", critic, lambda real, fake, distance: critic(fake, real), compares=True)


def _gan_qp(weight=10.0):
    check_positive("weight", weight)

    def critic(real, fake, distance):
        gap = real - fake
        return _mean(gap**2 / (2 * weight * ops.maximum(distance, 1e-6)) - gap)  # a pair may coincide

    return GANLoss(
        "gan_qp", critic, lambda real, fake, distance: _mean(real - fake), compares=True, needs_distance=True
    )


LOSSES = {
    "vanilla": _vanilla,
    "non_saturating": _non_saturating,
    "lsgan": _lsgan,
    "hinge": _hinge,
    "wgan": _wgan,
    "wgan_gp": _wgan_gp,
    "wgan_div": _wgan_div,
    "r1": _r1,
    "r2": _r2,
    "rsgan": _rsgan,
    "ragan": _ragan,
    "gan_qp": _gan_qp,
}
