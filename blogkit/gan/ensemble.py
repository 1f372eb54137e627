"""GANs with several losses and seeds, trained as one model."""

from collections.abc import Iterable

import keras
from keras import ops

from blogkit.gan.game import Game
from blogkit.gan.losses import gan_loss
from blogkit.ops import value_and_gradient


@keras.saving.register_keras_serializable(package="blogkit")
class GANEnsemble(Game):
    """Independent GANs, one per loss and seed, trained in one step.

    The members' losses are summed. Every weight is in one term only, and SGD, Adam and similar
    optimizers act elementwise, so that each member is trained as `GANTrainer` trains it alone;
    but a step of 55 small networks takes little longer than a step of one. Optimizer settings
    that mix weights (`clipnorm`, `global_clipnorm`) and layers that mix members break this.

    Members are in the order loss by loss: seed s of loss i is the member
    `i * len(seeds) + s`. Members of one seed see the same data and the same latents.

    Args:
        generator: Keras model, `(batch, members, latent_dim) -> (batch, members, features)`, as
            `stack_members` makes it.
        critic: Keras model, `(batch, members, features) -> (batch, members)`, or one axis of
            length 1 more.
        latent_dim: As for `GANTrainer`.
        losses: Names of losses, or pairs of a name and a dict of settings.
        seeds: Non-negative integers, one for each repetition.
        updates, critic_steps, ema_decay, clip: As for `GANTrainer`, for all members.

    Data are `(batch, seeds, features)`. The logged losses are sums over the members.

    Raises:
        ValueError: As `GANTrainer`; without losses or seeds, and for networks and data with
            another number of members.

    Example: two losses, three seeds.

    >>> import keras, numpy as np
    >>> from blogkit.gan import GANEnsemble, stack_members
    >>> def six():
    ...     dense = [keras.layers.Dense(1) for _ in range(6)]
    ...     return stack_members([keras.Sequential([keras.Input((1,)), layer]) for layer in dense])
    >>> losses = ["hinge", ("r1", {"gamma": 1.0})]
    >>> gan = GANEnsemble(six(), six(), latent_dim=1, losses=losses, seeds=[0, 1, 2])
    >>> gan.compile(keras.optimizers.Adam(1e-2), keras.optimizers.Adam(1e-2))
    >>> history = gan.fit(np.ones((8, 3, 1), "float32"), batch_size=4, verbose=0)
    >>> gan.generate(5, seed=0).shape
    (5, 6, 1)
    """

    def __init__(
        self,
        generator,
        critic,
        latent_dim: int,
        losses: Iterable[str | tuple[str, dict]],
        seeds: Iterable[int],
        updates: str = "alternating",
        critic_steps: int = 1,
        ema_decay: float = 0.999,
        clip: float | None = None,
        **kwargs,
    ):
        named = [(loss, {}) if isinstance(loss, str) else (loss[0], dict(loss[1])) for loss in losses]
        pairs, seeds = [gan_loss(name, **settings) for name, settings in named], list(seeds)
        if not pairs or not seeds:
            raise ValueError(
                f"`losses` and `seeds` must not be empty. Received: losses={named}, seeds={seeds}."
            )
        members = len(pairs) * len(seeds)
        for network in (generator, critic):
            shape = getattr(network, "input_shape", (None, members))
            if len(shape) < 2 or shape[1] != members:
                raise ValueError(
                    f"{len(pairs)} losses and {len(seeds)} seeds are {members} members. "
                    f"Received: '{network.name}' with the input shape {shape}. Take `stack_members`."
                )
        super().__init__(
            generator, critic, latent_dim, updates, critic_steps, ema_decay, clip, seeds, **kwargs
        )
        self.losses_by_name, self.seeds, self._pairs = named, seeds, pairs
        self.compares = any(pair.compares for pair in pairs)
        self._build_players()

    @property
    def members(self) -> int:
        """Number of members: losses times seeds."""
        return len(self._pairs) * len(self.seeds)

    def _draw(self, distribution, keys, step, *shape):
        by_seed = ops.stack([distribution(shape, key, step) for key in keys], axis=1)
        return self._for_each_loss(by_seed)

    def _for_each_loss(self, by_seed):
        """`(batch, seeds, ...)` to `(batch, members, ...)`."""
        return ops.concatenate([by_seed] * len(self._pairs), axis=1)

    def _samples(self, data):
        real = super()._samples(data)
        if len(real.shape) < 3 or real.shape[1] != len(self.seeds):
            raise ValueError(
                f"Data of {len(self.seeds)} seeds must be (batch, {len(self.seeds)}, features). "
                f"Received: shape {tuple(real.shape)}."
            )
        return self._for_each_loss(real)

    def _check_logits(self, logits):
        self._by_member(logits)

    def _by_member(self, logits):
        """`(batch, members)`, also of `(batch, members, 1)`."""
        shape = tuple(logits.shape)
        if shape[1:] not in ((self.members,), (self.members, 1)):
            raise ValueError(
                f"A critic must return one logit per sample and member, of shape (batch, {self.members}) or "
                f"(batch, {self.members}, 1). Received: shape {shape}."
            )
        return ops.reshape(logits, (-1, self.members))

    def _groups(self):
        """Each loss and its members."""
        for i, pair in enumerate(self._pairs):
            yield pair, slice(i * len(self.seeds), (i + 1) * len(self.seeds))

    def _critic_value(self, critic, real, fake, mix):
        def by_member(x):
            return self._by_member(critic(x))

        on_real, on_fake = by_member(real), by_member(fake)
        axes = tuple(range(2, len(real.shape)))
        distance = ops.sqrt(ops.sum(ops.square(real - fake), axis=axes))
        value = sum(
            ops.sum(pair.critic_of(on_real[:, own], on_fake[:, own], distance[:, own]))
            for pair, own in self._groups()
        )
        return value, self._penalties(by_member, real, fake, mix)

    def _penalties(self, by_member, real, fake, mix):
        """All penalties from one gradient: no member's logit depends on another member's input."""
        if not any(pair.penalty for pair in self._pairs):
            return ops.zeros(())
        e = ops.reshape(mix, (*ops.shape(mix), *[1] * (len(real.shape) - 2)))
        places = {"real": real, "fake": fake, "between": e * real + (1 - e) * fake}
        x = ops.concatenate(
            [places[pair.penalty.at if pair.penalty else "real"][:, own] for pair, own in self._groups()],
            axis=1,
        )
        gradient = value_and_gradient(lambda x: ops.sum(by_member(x), axis=1), x)[1]
        return sum(
            len(self.seeds) * pair.penalty.of_gradient(ops.reshape(gradient[:, own], (-1, *real.shape[2:])))
            for pair, own in self._groups()
            if pair.penalty
        )

    def _generator_value(self, real_logits, fake_logits):
        on_fake = self._by_member(fake_logits)
        on_real = on_fake if real_logits is None else self._by_member(real_logits)
        return sum(
            ops.sum(pair.generator_of(on_real[:, own], on_fake[:, own], None)) for pair, own in self._groups()
        )

    def get_config(self):
        return {**super().get_config(), "losses": self.losses_by_name, "seeds": self.seeds}
