"""The sides of the accumulation benchmark: one model, one Adam, four ways to update.

A Keras side runs what `fit` runs per batch, `model.train_function`, without its callbacks.
"""

import functools
import itertools
from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np

from blogkit.optimizers import AccumOptimizer

LAYERS = 10
LEARNING_RATE = 1e-4
KERAS_SIDES = ("plain Adam", "Keras' built-in", "AccumOptimizer")
OPTAX_SIDES = ("optax.adam", "optax.MultiSteps")  # with a jitted loop of their own, without Keras' trainer


class Side(NamedTuple):
    """`window()` trains on all batches once and returns when the new weights are there."""

    model: keras.Model
    window: Callable[[], None]
    weights: Callable[[], list[np.ndarray]]


class TraceCounter:
    """Counts how often a train step is traced by TensorFlow or JAX, or compiled by JAX."""

    def __init__(self):
        self.count = 0
        if keras.backend.backend() == "jax":
            import jax

            jax.monitoring.register_event_duration_secs_listener(self._listen)

    def _listen(self, event, seconds, **details):
        self.count += event.endswith("backend_compile_duration")


class CountedMLP(keras.Sequential):
    """Runs Python in its train step, which compiled code does not: once per trace."""

    counter = None

    def train_step(self, *arguments):
        if self.counter:
            self.counter.count += 1
        return super().train_step(*arguments)


def mlp(params: float, dtype=None) -> keras.Model:
    """Ten Dense layers of one width with about `params` weights, the same ones on each call."""
    width = width_for(params)
    model = CountedMLP([keras.Input((width,))])
    for layer in range(LAYERS):
        model.add(
            keras.layers.Dense(
                width,
                activation="relu" if layer < LAYERS - 1 else None,
                kernel_initializer=keras.initializers.HeNormal(seed=layer),
                dtype=dtype,
            )
        )
    return model


def width_for(params: float) -> int:
    """The width w at which LAYERS * w * (w + 1) is nearest to `params` from below, at least 1."""
    return max(1, int(((1 + 4 * params / LAYERS) ** 0.5 - 1) / 2))


def random_batches(number: int, size: int, width: int):
    """`number` pairs of inputs and targets, `(size, width)` each."""
    rng = np.random.default_rng(0)
    return [tuple(rng.normal(size=(size, width)).astype("float32") for _ in range(2)) for _ in range(number)]


def make_optimizer(name: str, steps: int) -> keras.optimizers.Optimizer:
    """Adam that updates as the side `name` of KERAS_SIDES does, every `steps` batches."""
    adam = functools.partial(keras.optimizers.Adam, LEARNING_RATE)
    return {
        "plain Adam": adam,
        "Keras' built-in": lambda: adam(gradient_accumulation_steps=steps),
        "AccumOptimizer": lambda: AccumOptimizer(adam(), steps),
    }[name]()


def make_side(name: str, params: float, batches, steps: int, counter=None) -> Side:
    """The side `name`, ready to train on `batches`, with an update every `steps` of them."""
    model = mlp(params)
    model.counter = counter
    if name in OPTAX_SIDES:
        return _optax_side(model, name, batches, steps, counter)
    model.compile(make_optimizer(name, steps), loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.test_on_batch(*(part[:1] for part in batches[0]))  # makes the metrics
    model.make_train_function()
    return {"tensorflow": _tensorflow_side, "jax": _jax_side, "torch": _torch_side}[keras.backend.backend()](
        model, batches
    )


def _tensorflow_side(model, batches):
    import tensorflow as tf

    inputs, targets = map(np.stack, zip(*batches))
    iterator = iter(tf.data.Dataset.from_tensor_slices((inputs, targets)).repeat())

    def window():
        for _ in batches:
            model.train_function(iterator)
        tf.test.experimental.sync_devices()

    return Side(model, window, model.get_weights)


def _jax_side(model, batches):
    import jax

    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    # As `fit` does, the state stays outside the variables; the step takes its buffers over.
    state = tuple([v.value for v in group] for group in groups)
    iterator = itertools.cycle(jax.device_put(batches))

    def window():
        nonlocal state
        for _ in batches:
            _, state = model.train_function(state, iterator)
        jax.block_until_ready(state)

    return Side(model, window, lambda: list(map(np.asarray, state[0])))


def _torch_side(model, batches):
    import torch

    batches = [tuple(map(keras.ops.convert_to_tensor, batch)) for batch in batches]
    model.train()

    def window():
        for batch in batches:
            model.train_function([batch])
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    return Side(model, window, model.get_weights)


def _optax_side(model, name, batches, steps, counter):
    import jax
    import optax

    optimizer = optax.adam(LEARNING_RATE, eps=1e-7)  # Keras' epsilon
    if name == "optax.MultiSteps":
        optimizer = optax.MultiSteps(optimizer, steps)

    def loss(weights, x, y):
        prediction, _ = model.stateless_call(weights, [], x, training=True)
        return ((prediction - y) ** 2).mean()

    def step(weights, state, x, y):
        if counter:
            counter.count += 1
        gradients = jax.grad(loss)(weights, x, y)
        updates, state = optimizer.update(gradients, state, weights)
        return optax.apply_updates(weights, updates), state

    jitted = jax.jit(step, donate_argnums=(0, 1))
    weights = [v.value for v in model.trainable_variables]
    state = jax.jit(optimizer.init)(weights)
    batches = jax.device_put(batches)

    def window():
        nonlocal weights, state
        for x, y in batches:
            weights, state = jitted(weights, state, x, y)
        jax.block_until_ready((weights, state))

    return Side(model, window, lambda: list(map(np.asarray, weights)))
