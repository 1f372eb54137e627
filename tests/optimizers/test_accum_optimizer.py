"""n accumulated micro-batches = one large batch, by a NumPy reference and in float64.

Keras' own large batch is the reference of test_conformance.py, in every situation there is.
"""

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer

BACKEND = keras.backend.backend()
SAMPLES, LARGE = 48, 16
# float32 rounds a mean of 4 gradients and a mean of 16 losses differently by about 1e-7;
# sqrt(v) and the distance moved divide that, which makes up to 1e-5.
BOUND = 1e-5


def loss_scaled():
    return ko.LossScaleOptimizer(ko.Adam(0.01), initial_scale=8.0, dynamic_growth_steps=2)


OPTIMIZERS = {"adam": lambda: ko.Adam(0.01), "muon": lambda: ko.Muon(0.01), "scaled": loss_scaled}


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


@pytest.mark.parametrize("name", OPTIMIZERS)
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
    np.testing.assert_allclose(keras.ops.convert_to_numpy(weight), -gradients.mean(axis=0), rtol=1e-14)


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
    assert_same_end(flat(make_weights()), np.concatenate([w.ravel() for w in expected]), flat(weights))
