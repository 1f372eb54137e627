"""Training of an energy E so that exp(-E) is the law of the data: samples against data."""

import contextlib

import keras
import numpy as np
from keras import ops

from blogkit.models.energy_arguments import check_energy_model
from blogkit.models.spectral_projection import project_spectral_norms
from blogkit.ops import compiled_update, random_key, stateless_normal
from blogkit.sampling import LangevinSampler, ReplayBuffer

DATA_NOISE = 1  # a stream of random numbers; the sampler takes the seed's others


@keras.saving.register_keras_serializable("blogkit")
class EnergyModel(keras.Model):
    """Learns the energy of data by contrast with its own samples, with `fit`.

    The gradient of the negative log likelihood of exp(-E)/Z is a difference of two means,

        d NLL / d theta = E_data[dE/d theta] - E_model[dE/d theta],

    and the second one needs samples. `fit` makes them at every update by some Langevin
    steps, from a buffer of earlier samples (Tieleman 2008; Du and Mordatch 2019,
    arXiv:1903.08689, algorithm 1; kexue.fm/archives/6612), and descends

        mean E(data) - mean E(samples) + energy_penalty * (mean E(data)^2 + mean E(samples)^2).

    A network with several outputs gives one energy a class, E(x, y). Then `fit(x, y)` learns
    the joint law exp(-E(x, y)): data has the energy of its label, samples have that of x alone,
    E(x) = -log sum_y exp(-E(x, y)).

    Spectral normalisation is Keras' own wrapper, `keras.layers.SpectralNormalization`,
    around layers of the network. `fit` applies its normalisation to the kernels before each
    update; Keras itself does not keep the normalised kernels on JAX. Gradient clipping is the
    optimizer's (`global_clipnorm`). The network runs in inference mode throughout. Sample
    weights count beside labels only: without labels Keras drops them.

    Saving the model or its weights (`save`, `save_weights`, `keras.callbacks.BackupAndRestore`)
    includes the buffer, so that training with `shuffle=False` goes on as it would have.

    Args:
        network: Keras model with a fixed input shape, `(batch, ...) -> (batch,)`, or
            `(batch, classes)` for an energy per class.
        langevin: Dict of arguments of `LangevinSampler` besides the energy, for the samples:
            `step_size` and what else is wanted.
        num_steps: Langevin steps per update.
        chains: Samples per update.
        capacity: Size of the buffer.
        fresh_fraction: Share of chains that start anew, uniform in `bounds` (without bounds
            standard normal); 1 trains without a buffer.
        buffer_dtype: `"float32"`, or `"uint8"`, which needs `bounds`.
        energy_penalty: Weight of the squared energies, which pin the free additive constant.
        data_noise: Standard deviation of the noise added to the data of an update.
        seed: Non-negative integer, of all of the model's randomness.

    Raises:
        ValueError: For a value out of range, or a network of another output shape; during
            `fit`, if an energy is not finite, with the step and the chain.

    Example: two numbers with a narrow law around 0.5.

    >>> import keras, numpy as np
    >>> from blogkit.models import EnergyModel
    >>> layers = [keras.layers.Dense(8, activation="swish"), keras.layers.Dense(1)]
    >>> network = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Reshape(())])
    >>> model = EnergyModel(network, {"step_size": 0.01, "bounds": (0, 1)}, num_steps=5, chains=16)
    >>> model.compile(keras.optimizers.Adam(1e-2))
    >>> x = np.random.default_rng(0).normal(0.5, 0.1, size=(32, 2)).astype("float32")
    >>> history = model.fit(x, batch_size=16, verbose=0)
    >>> sorted(history.history)
    ['energy_data', 'energy_samples', 'loss']
    """

    def __init__(
        self,
        network,
        langevin,
        num_steps=60,
        chains=128,
        capacity=10_000,
        fresh_fraction=0.05,
        buffer_dtype="float32",
        energy_penalty=0.1,
        data_noise=0.0,
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_energy_model(
            network, langevin, num_steps, chains, capacity, energy_penalty, data_noise, buffer_dtype
        )
        self.network, self.langevin = network, dict(langevin)
        self.num_steps, self.chains = num_steps, chains
        self.energy_penalty, self.data_noise, self.seed = energy_penalty, data_noise, seed
        bounds = self.langevin.get("bounds")
        self.buffer = ReplayBuffer(
            capacity, fresh_fraction, buffer_dtype, (0.0, 1.0) if bounds is None else bounds, seed
        )
        self._sampler = None
        self._sampler = self.sampler()
        self._means = [keras.metrics.Mean(name=f"energy_{of}") for of in ("data", "samples")]
        self.built = True  # the network is

    def energy(self, x, labels=None):
        """Energies `(batch,)` of `x`: E(x), or E(x, y) for integer `labels` `(batch,)`.

        Raises:
            ValueError: For labels and a network with one energy.
        """
        values = self.network(x, training=False)
        if len(values.shape) == 1:
            if labels is not None:
                raise ValueError(
                    "The network has one energy and takes no labels. End it with one output a class."
                )
            return values
        if labels is None:
            return -ops.logsumexp(-values, axis=-1)
        labels = ops.cast(ops.reshape(labels, (-1, 1)), "int32")
        return ops.take_along_axis(values, labels, axis=-1)[:, 0]

    def sampler(self, labels=None, **changes):
        """A `LangevinSampler` of the present energy, of `labels` `(chains,)` if they are given.

        Args:
            labels: None or the class of each chain.
            **changes: Arguments of `LangevinSampler` in place of those in `langevin`.
        """
        if labels is None and not changes and self._sampler is not None:
            return self._sampler  # compiled already, for the chains of the training
        return LangevinSampler(lambda x: self.energy(x, labels), **{**self.langevin, **changes})

    def fresh_starts(self, count, rng):
        """`count` starts `(count, ...)` from a NumPy generator: where chains begin anew."""
        shape = (count, *self.network.input_shape[1:])
        if self.langevin.get("bounds") is None:
            return rng.normal(size=shape).astype("float32")
        return rng.uniform(*self.langevin["bounds"], size=shape).astype("float32")

    def call(self, x):
        """Energies of `x`; of a pair (data, samples), a pair."""
        return tuple(map(self.energy, x)) if isinstance(x, tuple) else self.energy(x)

    def compile(self, optimizer="rmsprop", **kwargs):
        """As Keras' own; the loss is given, and an update's steps are compiled one by one."""
        if kwargs.get("loss") is not None:
            raise ValueError(f"EnergyModel has its own loss. Received: loss={kwargs['loss']!r}.")
        # Buffer and chains are on the host between updates. What takes time is compiled: the
        # sampler's loop and, here, the rest of the update.
        super().compile(optimizer, **{**kwargs, "run_eagerly": True, "jit_compile": False})
        self.optimizer.build(self.trainable_variables)
        self._update = compiled_update(super().train_step)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    @property
    def metrics(self):
        return [*super().metrics, *self._means]

    def train_step(self, *arguments):
        """One update. JAX passes (state, data) and gets the state back, others (data,)."""
        *state, data = arguments
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with self._read_from(state):
            project_spectral_norms(self.network)
            samples = self._draw_samples()
        x = self._noisy(ops.cast(x, samples.dtype))
        return self._update(*state, ((x, samples), y, sample_weight))

    def test_step(self, *arguments):
        """Energies of held-out data beside those of the last samples; nothing is sampled."""
        *state, data = arguments
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        if len(self.buffer):
            samples = self.buffer.samples[: self.chains]
        else:
            samples = self.fresh_starts(self.chains, np.random.default_rng(self.seed))
        samples = ops.convert_to_tensor(samples)
        return super().test_step(*state, ((ops.cast(x, samples.dtype), samples), y, sample_weight))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        data, samples = y_pred
        if y is not None:
            data = self.energy(x[0], y)
        for mean, energies in zip(self._means, (data, samples)):
            mean.update_state(ops.stop_gradient(energies))
        terms = data + self.energy_penalty * data**2
        if sample_weight is not None:
            terms = terms * ops.cast(ops.reshape(sample_weight, (-1,)), terms.dtype)
        return ops.mean(terms) + ops.mean(self.energy_penalty * samples**2 - samples)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return self.get_metrics_result()

    def _draw_samples(self):
        first_step = self.buffer.draws * self.num_steps
        start = self.buffer.draw(self.chains, self.fresh_starts)
        samples = self._sampler.sample(start, self.num_steps, seed=self.seed, first_step=first_step)
        self.buffer.add(ops.convert_to_numpy(samples))
        return samples

    def _noisy(self, x):
        if not self.data_noise:
            return x
        key = random_key(self.seed, DATA_NOISE)
        noise = stateless_normal(x.shape, key, self.buffer.draws, keras.backend.standardize_dtype(x.dtype))
        return x + self.data_noise * noise

    @contextlib.contextmanager
    def _read_from(self, state):
        """On JAX: weights are those of `state`, and what is assigned to them ends there."""
        if not state:
            yield
            return
        variables = self.trainable_variables, self.non_trainable_variables
        pairs = [pair for group in zip(variables, state[0]) for pair in zip(*group)]
        with keras.StatelessScope(pairs) as scope:
            yield
        present = [[scope.get_current_value(v) for v in group] for group in variables]
        state[0] = (*present, *state[0][2:])

    def save_own_variables(self, store):
        super().save_own_variables(store)
        for name, array in self.buffer.state.items():
            store[f"buffer_{name}"] = array

    def load_own_variables(self, store):
        names = self.buffer.state
        self.buffer.state = {name: np.asarray(store[f"buffer_{name}"]) for name in names}
        super().load_own_variables({k: store[k] for k in store.keys() if not k.startswith("buffer_")})

    def get_config(self):
        return {
            **super().get_config(),
            "network": keras.saving.serialize_keras_object(self.network),
            "langevin": keras.saving.serialize_keras_object(self.langevin),
            "num_steps": self.num_steps,
            "chains": self.chains,
            "capacity": self.buffer.capacity,
            "fresh_fraction": self.buffer.fresh_fraction,
            "buffer_dtype": self.buffer.dtype,
            "energy_penalty": self.energy_penalty,
            "data_noise": self.data_noise,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("network", "langevin")
        }
        return cls(**{**config, **parts})
