"""n accumulated micro-batches = one large batch, and nothing moves in between."""

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer

BACKEND = keras.backend.backend()
SAMPLES, LARGE, STEPS = 48, 16, 4  # 3 updates an epoch, micro-batches of 4
# float32 rounds a mean of 4 gradients and a mean of 16 losses differently by about 1e-7;
# sqrt(v) and the distance moved divide that, which makes up to 1e-5.
BOUND = 1e-5


def schedule():
    return ko.schedules.ExponentialDecay(0.05, decay_steps=2, decay_rate=0.5)


def loss_scaled():
    return ko.LossScaleOptimizer(ko.Adam(0.01), initial_scale=8.0, dynamic_growth_steps=2)


def by_layer():
    return ko.MultiOptimizer(ko.OptimizerMap(ko.SGD(0.05), {"bias": ko.Adam(0.01)}))


OPTIMIZERS = {
    "sgd": lambda: ko.SGD(0.1),
    "momentum": lambda: ko.SGD(0.1, momentum=0.9),
    "nesterov": lambda: ko.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: ko.RMSprop(0.01),
    "rmsprop_centered": lambda: ko.RMSprop(0.01, momentum=0.9, centered=True),
    "adam": lambda: ko.Adam(0.01),
    "amsgrad": lambda: ko.Adam(0.01, amsgrad=True),
    "adamw": lambda: ko.AdamW(0.01, weight_decay=0.1),
    "adamax": lambda: ko.Adamax(0.01),
    "nadam": lambda: ko.Nadam(0.01),
    "adagrad": lambda: ko.Adagrad(0.1),
    "adadelta": lambda: ko.Adadelta(1.0),
    "adafactor": lambda: ko.Adafactor(0.05),
    "ftrl": lambda: ko.Ftrl(0.1, l1_regularization_strength=1e-3),
    "lion": lambda: ko.Lion(0.01),
    "lamb": lambda: ko.Lamb(0.01),
    "muon": lambda: ko.Muon(0.01),
    "schedule_free": lambda: ko.ScheduleFreeAdamW(0.01, warmup_steps=2),
    "multi": by_layer,
    "loss_scale": loss_scaled,
}
SETTINGS = {
    "weight_decay": lambda: ko.SGD(0.1, weight_decay=0.1),
    "clipnorm": lambda: ko.Adam(0.01, clipnorm=0.05),
    "global_clipnorm": lambda: ko.SGD(0.1, global_clipnorm=0.1),
    "clipvalue": lambda: ko.SGD(0.1, clipvalue=0.01),
    "ema": lambda: ko.SGD(0.1, use_ema=True, ema_momentum=0.5),
    "ema_overwrite": lambda: ko.Adam(
        0.01, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2
    ),
    "schedule": lambda: ko.Adam(schedule()),
    "loss_scale_factor": lambda: ko.SGD(0.1, loss_scale_factor=64.0),
}


def flat(variables):
    return np.concatenate([keras.ops.convert_to_numpy(v).ravel() for v in variables])


def make_weights():
    generator = np.random.default_rng(1)
    kernel, bias = generator.normal(size=(6, 3)), generator.normal(size=(3,))
    return [
        keras.Variable(kernel, dtype="float32", name="kernel"),
        keras.Variable(bias, dtype="float32", name="bias"),
    ]


def least_squares_gradients(weights, x, y):
    """Gradients of mean |x @ kernel + bias - y|^2 / 2 over the batch."""
    kernel, bias = (keras.ops.convert_to_numpy(w) for w in weights)
    error = (x @ kernel + bias - y) / len(x)
    return (x.T @ error).astype("float32"), error.sum(axis=0).astype("float32")


def train(step, weights, data, batch_size, updates=6):
    """Runs `step(grads)` over the batches, in order, again and again."""
    x, y = data
    for i in range(updates * LARGE // batch_size):
        batch = np.arange(i * batch_size, (i + 1) * batch_size) % SAMPLES
        step(least_squares_gradients(weights, x[batch], y[batch]))
    return flat(weights)


@pytest.fixture
def data(rng):
    x = rng.normal(size=(SAMPLES, 6)).astype("float32")
    y = rng.normal(size=(SAMPLES, 3)).astype("float32")
    return x, y


def assert_same_end(start, large, accumulated):
    moved = np.abs(large - start).max()
    assert moved > 1e-3
    assert np.abs(accumulated - large).max() <= BOUND * moved


def test_every_optimizer_of_keras_is_in_the_list():
    classes = [c for c in vars(ko).values() if isinstance(c, type) and issubclass(c, ko.Optimizer)]
    names = {c.__name__ for c in classes} - {"Optimizer"}
    assert names == {type(make()).__name__ for make in OPTIMIZERS.values()}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_four_micro_batches_are_one_large_batch(name, data, compile_apply):
    ends = []
    for steps in (None, STEPS):
        optimizer, weights = OPTIMIZERS[name](), make_weights()
        if steps:
            optimizer = AccumOptimizer(optimizer, steps)
        start = flat(weights)
        step = compile_apply(optimizer, weights)
        ends.append(train(step, weights, data, LARGE // (steps or 1)))
    assert_same_end(start, *ends)


@pytest.mark.parametrize("name", ["adam", "muon", "loss_scale"])
def test_one_step_per_update_is_the_optimizer_itself(name, data, compile_apply):
    ends = []
    for optimizer in (OPTIMIZERS[name](), AccumOptimizer(OPTIMIZERS[name](), 1)):
        weights = make_weights()
        ends.append(train(compile_apply(optimizer, weights), weights, data, LARGE))
    np.testing.assert_array_equal(*ends)


def test_float64_weights_are_averaged_in_float64(float64, rng, compile_apply):
    gradients = rng.normal(size=(7, 3))
    weight = keras.Variable(np.zeros(3), dtype="float64")
    step = compile_apply(AccumOptimizer(ko.SGD(1.0), 7), [weight])
    for gradient in gradients:
        step([gradient])
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(weight), -gradients.mean(axis=0), rtol=1e-14
    )


def test_numpy_reference(data, compile_apply):
    # Plain SGD with momentum, written out: v <- 0.9 v - 0.1 mean(g); w <- w + v.
    weights = make_weights()
    expected = [keras.ops.convert_to_numpy(w).astype("float64") for w in weights]
    velocity = [np.zeros_like(w) for w in expected]
    step = compile_apply(AccumOptimizer(ko.SGD(0.1, momentum=0.9), 3), weights)
    x, y = data
    for window in range(4):
        rows = [np.arange(4 * k, 4 * k + 4) for k in range(3 * window, 3 * window + 3)]
        micro = [least_squares_gradients(expected, x[r % SAMPLES], y[r % SAMPLES]) for r in rows]
        for r in rows:
            step(least_squares_gradients(weights, x[r % SAMPLES], y[r % SAMPLES]))
        velocity = [0.9 * v - 0.1 * np.mean(g, axis=0) for v, g in zip(velocity, zip(*micro))]
        expected = [w + v for w, v in zip(expected, velocity)]
    assert_same_end(
        flat(make_weights()), np.concatenate([w.ravel() for w in expected]), flat(weights)
    )


# `fit`: whole training loops of Keras ------------------------------------------------


def fit(optimizer, data, batch_size, constraint=None, callbacks=(), **compile_args):
    """Weights before and after two epochs, which are six updates."""
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(4, "tanh", kernel_constraint=constraint),
            keras.layers.Dense(3),
        ]
    )
    generator = np.random.default_rng(1)
    model.set_weights([generator.normal(size=w.shape) for w in model.weights])
    before = flat(model.weights)
    # XLA is slow to start on TensorFlow: it has a test of its own.
    model.compile(optimizer, "mse", **{"jit_compile": BACKEND == "jax", **compile_args})
    options = {"epochs": 2, "shuffle": False, "verbose": 0, "callbacks": list(callbacks)}
    model.fit(*data, batch_size, **options)
    return before, flat(model.weights)


def assert_fits_alike(data, make_optimizer, make_callbacks=lambda: (), **options):
    start, large = fit(make_optimizer(), data, LARGE, callbacks=make_callbacks(), **options)
    optimizer = AccumOptimizer(make_optimizer(), STEPS)
    _, accumulated = fit(
        optimizer, data, LARGE // STEPS, callbacks=make_callbacks(), **options
    )
    assert int(optimizer.iterations) == 6
    assert_same_end(start, large, accumulated)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_count_updates_not_micro_batches(name, data):
    assert_fits_alike(data, SETTINGS[name])


def test_constraints_act_once_per_update(data):
    # Not idempotent, so that acting on idle steps would show.
    assert_fits_alike(data, lambda: ko.SGD(0.1), constraint=lambda weights: 0.9 * weights)


def test_callback_sets_the_learning_rate(data):
    def halve():
        return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)]

    assert_fits_alike(data, lambda: ko.Adam(0.05), make_callbacks=halve)


def test_loss_scale_optimizer_outside(data):
    def outside(optimizer):
        return ko.LossScaleOptimizer(optimizer, initial_scale=8.0)

    start, large = fit(outside(ko.Adam(0.01)), data, LARGE)
    _, accumulated = fit(outside(AccumOptimizer(ko.Adam(0.01), STEPS)), data, LARGE // STEPS)
    assert_same_end(start, large, accumulated)


MODES = {
    "eager": {"run_eagerly": True, "jit_compile": False},
    "xla": {"jit_compile": True},
    "graph": {"jit_compile": False},
    "six_steps_per_execution": {"steps_per_execution": 6},
}


@pytest.mark.parametrize("mode", MODES)
def test_compile_modes(mode, data):
    if BACKEND == "torch" and mode in ("xla", "six_steps_per_execution"):
        pytest.skip("torch has neither XLA nor steps_per_execution")
    assert_fits_alike(data, lambda: ko.Adam(schedule(), use_ema=True), **MODES[mode])
