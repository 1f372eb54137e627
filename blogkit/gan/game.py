"""Base class of two-network GAN trainers: the training round that `fit` repeats."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_positive, check_rate
from blogkit.gan_theory.arguments import check_updates
from blogkit.ops import (
    FiniteData,
    check_finite_data,
    has_values,
    loss_and_gradients,
    no_gradients,
    random_key,
    stateless_normal,
    stateless_uniform,
)

LATENTS, MIX, GENERATE = range(3)  # streams of noise


class Game(FiniteData, keras.Model):
    """Base of `GANTrainer` and `GANEnsemble`: order of updates, average, noise, state, saving.

    A subclass defines how noise is drawn (`_draw`), the shape of logits (`_check_logits`) and
    the losses (`_critic_value`, `_generator_value`, `compares`).

    Args:
        generator, critic, latent_dim, updates, critic_steps, ema_decay, clip: As for `GANTrainer`.
        seeds: Non-negative integers; noise is drawn for each.
    """

    def __init__(
        self,
        generator,
        critic,
        latent_dim: int,
        updates: str,
        critic_steps: int,
        ema_decay: float,
        clip: float | None,
        seeds: Sequence[int],
        **kwargs,
    ):
        check_count("latent_dim", latent_dim)
        check_updates(updates=updates, critic_steps=critic_steps)
        check_rate("ema_decay", ema_decay)
        if clip is not None:
            check_positive("clip", clip)
        keys = {stream: [random_key(seed, stream) for seed in seeds] for stream in (LATENTS, MIX)}
        super().__init__(**kwargs)
        self.generator, self.critic, self.latent_dim = generator, critic, latent_dim
        self.updates, self.critic_steps, self.ema_decay, self.clip = updates, critic_steps, ema_decay, clip
        # The state of Keras' own SeedGenerator is not saved; this counter is.
        self._keys, self._draws = keys, self.add_weight((), "zeros", "int32", trainable=False, name="draws")
        self.trackers = {
            name: keras.metrics.Mean(name=name) for name in ("critic_loss", "generator_loss", "penalty")
        }

    def _build_players(self):
        latents = self._draw(stateless_normal, self._keys[LATENTS], 0, 2, self.latent_dim)
        self._check_logits(self.critic(self.generator(latents)))
        self.ema_generator = keras.models.clone_model(self.generator)
        self.ema_generator(latents)
        self.ema_generator.set_weights(self.generator.get_weights())
        self.ema_generator.trainable = False
        self.critic_optimizer = None
        self.built = True

    def compile(self, generator_optimizer, critic_optimizer, **kwargs):
        """Sets the two optimizers, which must be different objects.

        Args:
            generator_optimizer, critic_optimizer: Keras optimizers, their names or configs.
            **kwargs: `run_eagerly`, `steps_per_execution` and `jit_compile`, as in Keras.
        """
        generator_optimizer, critic_optimizer = map(
            keras.optimizers.get, (generator_optimizer, critic_optimizer)
        )
        if generator_optimizer is critic_optimizer:
            raise ValueError(
                "`generator_optimizer` and `critic_optimizer` must be different objects. "
                "Received: one object twice."
            )
        super().compile(optimizer=generator_optimizer, auto_scale_loss=False, **kwargs)
        self.critic_optimizer = critic_optimizer
        self._compile_arguments = kwargs
        generator_optimizer.build(self.generator.trainable_variables)
        critic_optimizer.build(self.critic.trainable_variables)

    def call(self, latents, training=False):
        """Samples of the averaged generator, `(batch, ...)`."""
        return self.ema_generator(latents, training=training)

    def generate(self, count: int, seed: int, average: bool = True) -> np.ndarray:
        """`count` samples, a NumPy array; the same for the same non-negative seed and weights.

        Args:
            count: Number of samples.
            seed: Non-negative integer.
            average: Whether to use the averaged generator, or its current weights.
        """
        model = self.ema_generator if average else self.generator
        keys = [random_key(seed, GENERATE)] * len(self._keys[LATENTS])
        latents = self._draw(stateless_normal, keys, 0, count, self.latent_dim)
        with no_gradients():
            return ops.convert_to_numpy(model(latents, training=False))

    def train_step(self, *arguments):
        """One round. On JAX the state is passed in and returned; other backends keep it."""
        if keras.backend.backend() != "jax":
            return self._round(*arguments)
        state, data = arguments
        groups = (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )
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
            part = self._part(real, k)
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
                "Samples must be floating point, as those of the generator are. "
                f"Received: dtype {keras.backend.standardize_dtype(real.dtype)}. Cast and scale them."
            )
        if has_values(real):
            check_finite_data(x=real)
        return real

    def _part(self, real, k):
        """The samples of the critic's step `k`: every `critic_steps`-th, at least one."""
        if self.critic_steps == 1:
            return real
        count = ops.shape(real)[0]  # a tensor where TensorFlow compiles `fit`
        stop = (
            max(count, self.critic_steps) if isinstance(count, int) else ops.maximum(count, self.critic_steps)
        )
        return ops.take(real, ops.arange(k, stop, self.critic_steps, dtype="int32") % count, axis=0)

    def _latents(self, like):
        with no_gradients():
            self._draws.assign_add(1)
        return self._draw(
            stateless_normal, self._keys[LATENTS], self._draws.value, ops.shape(like)[0], self.latent_dim
        )

    def _critic_gradients(self, real, fake):
        def critic(x):
            return self.critic(x, training=True)

        mix = self._draw(stateless_uniform, self._keys[MIX], self._draws.value, ops.shape(real)[0])

        def loss():
            value, cost = self._critic_value(critic, real, fake, mix)
            return value + cost, cost

        variables = self.critic.trainable_variables
        (total, cost), gradients = loss_and_gradients(loss, variables, has_aux=True)
        self.trackers["critic_loss"].update_state(total)
        self.trackers["penalty"].update_state(cost)
        return gradients

    def _generator_gradients(self, real):
        latents = self._latents(real)

        def loss():
            fake = self.critic(self.generator(latents, training=True), training=True)
            logits = self.critic(real, training=True) if self.compares else None
            return self._generator_value(logits, fake)

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
            "latent_dim": self.latent_dim,
            "updates": self.updates,
            "critic_steps": self.critic_steps,
            "ema_decay": self.ema_decay,
            "clip": self.clip,
        }

    @classmethod
    def from_config(cls, config):
        players = {
            name: keras.saving.deserialize_keras_object(config[name]) for name in ("generator", "critic")
        }
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
