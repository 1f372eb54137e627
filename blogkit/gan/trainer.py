"""GAN training as one Keras model: a generator and a critic, on three backends."""

import keras
from keras import ops

from blogkit.gan.game import Game
from blogkit.gan.losses import gan_loss, pair_distance
from blogkit.gan.losses.gradient_penalty import one_per_sample


@keras.saving.register_keras_serializable(package="blogkit")
class GANTrainer(Game):
    """A generator and a critic that `fit` trains on samples, with an averaged generator.

    A batch of `fit` is one round: `critic_steps` updates of the critic, each on its own part of
    the batch and on new latents, then one of the generator against the updated critic
    (`updates="alternating"`). With `"simultaneous"` both gradients are taken before
    either player moves. After each round the average follows the generator's weights,

        average <- ema_decay * average + (1 - ema_decay) * weights,

    while weights that are not trained, such as moving means, are copied.

    Args:
        generator: Keras model, `(batch, latent_dim) -> samples`.
        critic: Keras model, `samples -> (batch,)` or `(batch, 1)`, logits.
        latent_dim: Length of a latent vector, standard normal.
        loss: Name of a loss, see `gan_loss`.
        loss_settings: Its settings, a dict, or None.
        updates: `"alternating"` or `"simultaneous"`.
        critic_steps: Updates of the critic in a round. A batch is cut into as many parts; if it has fewer
            samples, as the last one may, each part is one sample and samples are reused.
        ema_decay: Within [0, 1); 0 copies the generator.
        clip: None, or c to keep all weights of the critic within [-c, c], as the first WGAN did.
        seed: Seed of latents and of the penalty's mixtures, a non-negative integer. Layers have
            their own seeds: `keras.utils.set_random_seed`.

    Raises:
        ValueError: For a value out of range or an unknown loss, for a critic of another shape,
            and data that are not floating point, are empty, or hold NaN or inf.

    Saved files (`.keras`) hold weights, average, both optimizers and the position in the noise
    stream, so that training resumes exactly; Keras does not save the seeds of Dropout.

    Example: a generator that shifts its latents learns the location of the data.

    >>> import keras, numpy as np
    >>> from blogkit.gan import GANTrainer
    >>> keras.utils.set_random_seed(0)
    >>> shift = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> critic = keras.Sequential([keras.Input((1,)), keras.layers.Dense(8, "tanh"), keras.layers.Dense(1)])
    >>> gan = GANTrainer(shift, critic, latent_dim=1, loss="r1", loss_settings={"gamma": 1.0})
    >>> gan.compile(keras.optimizers.Adam(1e-2, beta_1=0.5), keras.optimizers.Adam(1e-2, beta_1=0.5))
    >>> history = gan.fit(np.random.normal(3, 1, size=(64, 1)).astype("float32"), batch_size=32, verbose=0)
    >>> sorted(history.history), gan.generate(5, seed=0).shape
    (['critic_loss', 'generator_loss', 'penalty'], (5, 1))
    """

    def __init__(
        self,
        generator,
        critic,
        latent_dim: int,
        loss: str = "non_saturating",
        loss_settings: dict | None = None,
        updates: str = "alternating",
        critic_steps: int = 1,
        ema_decay: float = 0.999,
        clip: float | None = None,
        seed: int = 0,
        **kwargs,
    ):
        pair = gan_loss(loss, **(loss_settings or {}))
        super().__init__(
            generator, critic, latent_dim, updates, critic_steps, ema_decay, clip, [seed], **kwargs
        )
        self.loss_name, self.loss_settings, self.gan_loss = loss, dict(loss_settings or {}), pair
        self.seed, self.compares = seed, pair.compares
        self._build_players()

    def _draw(self, distribution, keys, step, *shape):
        return distribution(shape, keys[0], step)

    def _check_logits(self, logits):
        one_per_sample(logits)

    def _critic_value(self, critic, real, fake, mix):
        distance = pair_distance(real, fake) if self.gan_loss.needs_distance else None
        value, penalty = self.gan_loss.critic(critic(real), critic(fake), distance), self.gan_loss.penalty
        return value, penalty(critic, real, fake, mix) if penalty else ops.zeros_like(value)

    def _generator_value(self, real_logits, fake_logits):
        return self.gan_loss.generator(real_logits, fake_logits)

    def get_config(self):
        return {
            **super().get_config(),
            "loss": self.loss_name,
            "loss_settings": self.loss_settings,
            "seed": self.seed,
        }
