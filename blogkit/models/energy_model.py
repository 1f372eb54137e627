"""Energy-based model, trained by maximum likelihood with Langevin samples."""

import contextlib

import keras
import numpy as np
from keras import ops

from blogkit.models.energy_arguments import check_energy_model
from blogkit.models.spectral_projection import project_spectral_norms
from blogkit.ops import FiniteData, check_finite_data, compiled_update, random_key, stateless_normal
from blogkit.sampling import LangevinSampler, ReplayBuffer

DATA_NOISE = 1  # stream of random numbers, beside those of the sampler


@keras.saving.register_keras_serializable("blogkit")
class EnergyModel(FiniteData, keras.Model):
    """Energy-based model exp(-E)/Z, trained with `fit` on data against its own samples.

    The gradient of the negative log likelihood of exp(-E)/Z is a difference of two expectations,

        d NLL / d theta = E_data[dE/d theta] - E_model[dE/d theta],

    and the second one needs samples. At every update `fit` draws them by `num_steps` Langevin
    steps from a buffer of earlier samples (Tieleman 2008; Du and Mordatch 2019,
    arXiv:1903.08689, algorithm 1; kexue.fm/archives/6612), and minimizes

        mean E(data) - mean E(samples) + energy_penalty * (mean E(data)^2 + mean E(samples)^2).

    A network with several outputs gives one energy per class, E(x, y). Then `fit(x, y)` learns
    the joint distribution exp(-E(x, y)): the energy of data is that of its label, the energy of
    samples is the marginal one, E(x) = -log sum_y exp(-E(x, y)).

    For spectral normalization wrap layers of the network in `keras.layers.SpectralNormalization`.
    `fit` normalizes their kernels before each update, because Keras itself does not keep the
    normalized kernels on JAX. For gradient clipping use the optimizer's `global_clipnorm`. The
    network always runs in inference mode. Sample weights need labels: without labels Keras drops
    them.

    Saving the model or its weights (`save`, `save_weights`, `keras.callbacks.BackupAndRestore`)
    includes the buffer, so that a resumed training with `shuffle=False` gives exactly the result
    of an uninterrupted one.

    Args:
        network: Keras model with a fixed input shape, `(batch, ...) -> (batch,)`, or
            `(batch, classes)` for an energy per class.
        langevin: Dict of arguments of `LangevinSampler`: `step_size` and any others but `energy`.
        num_steps: Langevin steps per update.
        chains: Samples per update.
        capacity: Size of the buffer.
        fresh_fraction: Fraction of chains that start from noise, uniform in `bounds` (standard
            normal without bounds); 1 trains without a buffer.
        buffer_dtype: `"float32"`, or `"uint8"`, which needs `bounds`.
        energy_penalty: Weight of the squared energies, which pin the free additive constant.
        data_noise: Standard deviation of the Gaussian noise added to the data at each update.
        seed: Seed of the chains, the buffer and the data noise, a non-negative integer.

    Raises:
        ValueError: For a value out of range, or a network with a wrong output shape; during
            `fit`, if data are empty, if data or an energy are not finite, with the sample or the
            step and the chain.

    Example: points in the plane, concentrated around (0.5, 0.5).

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
        langevin: dict,
        num_steps: int = 60,
        chains: int = 128,
        capacity: int = 10_000,
        fresh_fraction: float = 0.05,
        buffer_dtype: str = "float32",
        energy_penalty: float = 0.1,
        data_noise: float = 0.0,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        check_energy_model(
            network=network,
            langevin=langevin,
            num_steps=num_steps,
            chains=chains,
            capacity=capacity,
            energy_penalty=energy_penalty,
            data_noise=data_noise,
            buffer_dtype=buffer_dtype,
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
        self.built = True  # the network is built

    def energy(self, x, labels=None):
        """Energies `(batch,)` of `x`: E(x), or E(x, y) for integer `labels` `(batch,)`.

        Raises:
            ValueError: For labels and a network with one energy.
        """
        values = self.network(x, training=False)
        if len(values.shape) == 1:
            if labels is not None:
                raise ValueError(
                    "`labels` must be None for a network with one energy, which takes no labels. End the "
                    "network with one output per class."
                )
            return values
        if labels is None:
            return -ops.logsumexp(-values, axis=-1)
        labels = ops.cast(ops.reshape(labels, (-1, 1)), "int32")
        return ops.take_along_axis(values, labels, axis=-1)[:, 0]

    def sampler(self, labels=None, **changes) -> LangevinSampler:
        """A `LangevinSampler` of the current energy, given `labels` `(chains,)` if there are any.

        Args:
            labels: Class of each chain, or None.
            **changes: Arguments of `LangevinSampler` in place of those in `langevin`.
        """
        if labels is None and not changes and self._sampler is not None:
            return self._sampler  # already compiled for training
        return LangevinSampler(lambda x: self.energy(x, labels), **{**self.langevin, **changes})

    def fresh_starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Initial states `(count, ...)` of new chains, drawn from a NumPy generator."""
        shape = (count, *self.network.input_shape[1:])
        if self.langevin.get("bounds") is None:
            return rng.normal(size=shape).astype("float32")
        return rng.uniform(*self.langevin["bounds"], size=shape).astype("float32")

    def call(self, x):
        """Energies of `x`; for a pair (data, samples) a pair of energies."""
        return tuple(map(self.energy, x)) if isinstance(x, tuple) else self.energy(x)

    def compile(self, optimizer="rmsprop", **kwargs):
        """As `keras.Model.compile`, without `loss`; sampling and gradient step are compiled apart."""
        if kwargs.get("loss") is not None:
            raise ValueError(
                f"`loss` must be None: EnergyModel has its own. Received: loss={kwargs['loss']!r}."
            )
        # The buffer is on the host, so the train step cannot be compiled as a whole. The sampler
        # compiles its loop, and the gradient step is compiled here.
        super().compile(optimizer, **{**kwargs, "run_eagerly": True, "jit_compile": False})
        self.optimizer.build(self.trainable_variables)
        self._update = compiled_update(super().train_step)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    @property
    def metrics(self):
        return [*super().metrics, *self._means]

    def train_step(self, *arguments):
        """One update, of `(data,)`; on JAX of `(state, data)`, with the new state returned."""
        *state, data = arguments
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        check_finite_data(x=x, sample_weight=sample_weight)
        with self._read_from(state):
            project_spectral_norms(self.network)
            samples = self._draw_samples()
        x = self._noisy(ops.cast(x, samples.dtype))
        return self._update(*state, ((x, samples), y, sample_weight))

    def test_step(self, *arguments):
        """Energies of held-out data and of samples in the buffer; draws no samples."""
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
        """On JAX: weights read their values from `state`, and assignments to them go into it."""
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
