"""Training a generator against a critic: one Keras model, the same step on three backends."""

import keras
from keras import ops

from blogkit.gan.arguments import check_count, check_decay, check_positive, check_updates
from blogkit.gan.losses import gan_loss, pair_distance
from blogkit.gan.losses.gradient_penalty import one_per_sample
from blogkit.ops import (
    loss_and_gradients,
    no_gradients,
    random_key,
    stateless_normal,
    stateless_uniform,
)

GENERATE = 2  # stream of `generate`, beside those of training

@keras.saving.register_keras_serializable(package="blogkit")
class GANTrainer(keras.Model):
    """A generator and a critic that `fit` trains on samples, with an average of the generator.

    A batch of `fit` is one round: `critic_steps` updates of the critic, each on its own part of
    the batch and on new latents, then one of the generator, which sees the critic as it has
    become (`updates="alternating"`). With `"simultaneous"` both gradients are taken before
    either player moves. After each round the average follows the generator's weights,

        average <- ema_decay * average + (1 - ema_decay) * weights,

    while weights that are not trained, such as moving means, are copied.

    Args:
        generator: Keras model, `(batch, latent_dim) -> samples`.
        critic: Keras model, `samples -> (batch,)` or `(batch, 1)`, logits.
        latent_dim: Length of a latent vector, standard normal.
        loss: A name of `blogkit.gan.losses.gan_loss`.
        loss_settings: Its settings, a dict, or None.
        updates: `"alternating"` or `"simultaneous"`.
        critic_steps: Updates of the critic in a round. A batch is cut into as many parts.
        ema_decay: Within [0, 1); 0 copies the generator.
        clip: None, or c to keep all weights of the critic within [-c, c], as the first WGAN did.
        seed: Non-negative integer, of latents and of the penalty's mixtures. Layers have
            seeds of their own: `keras.utils.set_random_seed`.

    Raises:
        ValueError: For a value out of range or an unknown loss, for a critic of another shape,
            more critic steps than samples, and data that are not floating point.

    Saved and loaded (`.keras`) with weights, average, both optimizers and the place in the
    stream of noise, it goes on as it would have; Keras does not save the seeds of Dropout.

    Example: a generator that shifts its latents learns where the data are.

    >>> import keras, numpy as np
    >>> from blogkit.gan.trainer import GANTrainer
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
        self, generator, critic, latent_dim, loss="non_saturating", loss_settings=None,
        updates="alternating", critic_steps=1, ema_decay=0.999, clip=None, seed=0, **kwargs,
    ):  # fmt: skip
        check_count("latent_dim", latent_dim)
        check_updates(updates, critic_steps)
        check_decay("ema_decay", ema_decay)
        if clip is not None:
            check_positive("clip", clip)
        pair = gan_loss(loss, **(loss_settings or {}))
        keys = {name: random_key(seed, stream) for stream, name in enumerate(("latents", "mix"))}
        super().__init__(**kwargs)
        self.generator, self.critic, self.latent_dim = generator, critic, latent_dim
        self.loss_name, self.loss_settings, self.gan_loss = loss, dict(loss_settings or {}), pair
        self.updates, self.critic_steps, self.ema_decay = updates, critic_steps, ema_decay
        self.clip, self.seed = clip, seed
        # The state of Keras' own SeedGenerator is not saved; this counter is.
        self._keys, self._draws = keys, self.add_weight((), "zeros", "int32", trainable=False, name="draws")
        self.trackers = {
            name: keras.metrics.Mean(name=name) for name in ("critic_loss", "generator_loss", "penalty")
        }
        one_per_sample(critic(generator(ops.zeros((2, latent_dim)))))  # builds both, checks the shape
        self.ema_generator = keras.models.clone_model(generator)
        self.ema_generator(ops.zeros((2, latent_dim)))
        self.ema_generator.set_weights(generator.get_weights())
        self.ema_generator.trainable = False
        self.critic_optimizer = None
        self.built = True

    def compile(self, generator_optimizer, critic_optimizer, **kwargs):
        """Sets the two optimizers, which must be two objects.

        Args:
            generator_optimizer, critic_optimizer: Keras optimizers, their names or configs.
            **kwargs: `run_eagerly`, `steps_per_execution` and `jit_compile`, as in Keras.
        """
        generator_optimizer, critic_optimizer = map(keras.optimizers.get, (generator_optimizer, critic_optimizer))
        if generator_optimizer is critic_optimizer:
            raise ValueError("Each player needs an optimizer of its own. Received: one object twice.")
        super().compile(optimizer=generator_optimizer, auto_scale_loss=False, **kwargs)
        self.critic_optimizer = critic_optimizer
        self._compile_arguments = kwargs
        generator_optimizer.build(self.generator.trainable_variables)
        critic_optimizer.build(self.critic.trainable_variables)

    def call(self, latents, training=False):
        """The average generator's samples, `(batch, ...)`."""
        return self.ema_generator(latents, training=training)

    def generate(self, count, seed, average=True):
        """`count` samples, a NumPy array; the same for the same non-negative seed and weights.

        Args:
            count: Number of samples.
            seed: Non-negative integer.
            average: Whether from the average of the generator, or from its present weights.
        """
        model = self.ema_generator if average else self.generator
        latents = stateless_normal((count, self.latent_dim), random_key(seed, GENERATE), 0)
        with no_gradients():
            return ops.convert_to_numpy(model(latents, training=False))

    def train_step(self, *arguments):
        """One round. JAX hands over the state and takes it back, the others keep it themselves."""
        if keras.backend.backend() != "jax":
            return self._round(*arguments)
        state, data = arguments
        groups = (
            self.trainable_variables, self.non_trainable_variables, self.optimizer.variables,
            self.metrics_variables,
        )  # fmt: skip
        mapping = [pair for group, values in zip(groups, state) for pair in zip(group, values)]
        with keras.StatelessScope(mapping) as scope:
            logs = self._round(data)
        return logs, tuple([scope.get_current_value(v) for v in group] for group in groups)

    @property
    def non_trainable_variables(self):
        """Includes the critic's optimizer: the state that Keras carries on JAX has room for one."""
        own = super().non_trainable_variables
        return own + (self.critic_optimizer.variables if getattr(self, "critic_optimizer", None) else [])

    def _round(self, data):
        real = self._samples(data)
        for k in range(self.critic_steps):
            part = real[k :: self.critic_steps]
            fake = ops.stop_gradient(self.generator(self._latents(part), training=True))
            critic_gradients = self._critic_gradients(part, fake)
            if self.updates == "alternating":
                self._move_critic(critic_gradients)
        generator_gradients = self._generator_gradients(part)
        if self.updates == "simultaneous":
            self._move_critic(critic_gradients)
        with no_gradients():
            self.optimizer.apply(generator_gradients, self.generator.trainable_variables)
            self._move_average()
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def _samples(self, data):
        real = keras.utils.unpack_x_y_sample_weight(data)[0]
        if "float" not in keras.backend.standardize_dtype(real.dtype):
            raise ValueError(
                "Samples must be floating point, as what the generator makes. "
                f"Received: dtype {keras.backend.standardize_dtype(real.dtype)}. Cast and scale them."
            )
        if real.shape[0] is not None and real.shape[0] < self.critic_steps:
            raise ValueError(
                "A batch is cut into `critic_steps` parts. "
                f"Received: {real.shape[0]} samples, critic_steps={self.critic_steps}. Take larger batches."
            )
        return real

    def _latents(self, like):
        with no_gradients():
            self._draws.assign_add(1)
        shape = ops.shape(like)[0], self.latent_dim
        return stateless_normal(shape, self._keys["latents"], self._draws.value)

    def _critic_gradients(self, real, fake):
        def critic(x):
            return self.critic(x, training=True)

        penalty = self.gan_loss.penalty
        mix = self._mix(real) if penalty else None
        distance = pair_distance(real, fake) if self.gan_loss.needs_distance else None

        def loss():
            value = self.gan_loss.critic(critic(real), critic(fake), distance)
            cost = penalty(critic, real, fake, mix) if penalty else ops.zeros_like(value)
            return value + cost, cost

        variables = self.critic.trainable_variables
        (total, cost), gradients = loss_and_gradients(loss, variables, has_aux=True)
        self.trackers["critic_loss"].update_state(total)
        self.trackers["penalty"].update_state(cost)
        return gradients

    def _mix(self, like):
        return stateless_uniform((ops.shape(like)[0],), self._keys["mix"], self._draws.value)

    def _generator_gradients(self, real):
        latents = self._latents(real)

        def loss():
            fake = self.critic(self.generator(latents, training=True), training=True)
            logits = self.critic(real, training=True) if self.gan_loss.compares else None
            return self.gan_loss.generator(logits, fake)

        value, gradients = loss_and_gradients(loss, self.generator.trainable_variables)
        self.trackers["generator_loss"].update_state(value)
        return gradients

    def _move_critic(self, gradients):
        with no_gradients():
            self.critic_optimizer.apply(gradients, self.critic.trainable_variables)
            if self.clip is not None:
                for variable in self.critic.trainable_variables:
                    variable.assign(ops.clip(variable, -self.clip, self.clip))

    def _move_average(self):
        for average, weight in zip(self.ema_generator.weights, self.generator.weights):
            decay = self.ema_decay if weight.trainable else 0.0
            average.assign(decay * average + (1 - decay) * weight)

    def get_config(self):
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "critic": keras.saving.serialize_keras_object(self.critic),
            "latent_dim": self.latent_dim, "loss": self.loss_name, "loss_settings": self.loss_settings,
            "updates": self.updates, "critic_steps": self.critic_steps, "ema_decay": self.ema_decay,
            "clip": self.clip, "seed": self.seed,
        }  # fmt: skip

    @classmethod
    def from_config(cls, config):
        players = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("generator", "critic")}
        return cls(**{**config, **players})

    def get_compile_config(self):
        if self.critic_optimizer is None:
            return {}
        return {
            "generator_optimizer": keras.saving.serialize_keras_object(self.optimizer),
            "critic_optimizer": keras.saving.serialize_keras_object(self.critic_optimizer),
            **self._compile_arguments,
        }

    def compile_from_config(self, config):
        optimizers = {
            name: keras.saving.deserialize_keras_object(config[name])
            for name in ("generator_optimizer", "critic_optimizer")
        }
        self.compile(**{**config, **optimizers})

