"""One overflow drops its window whole, wherever the LossScaleOptimizer is."""

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer, accumulate_exactly

LARGE, STEPS, LARGE_BATCHES = 16, 4, 4


def train(optimizer, batch_size, overflowing, samples=LARGE * LARGE_BATCHES):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(samples, 3)), rng.normal(size=(samples, 1))
    x[list(overflowing)] = np.inf
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.set_weights([np.ones((3, 1)), np.zeros(1)])
    model.compile(optimizer, "mse", auto_scale_loss=False, jit_compile=is_jax())
    if samples % LARGE and batch_size < LARGE:
        accumulate_exactly(model)
    model.fit(x, y, batch_size=batch_size, epochs=2, shuffle=False, verbose=0)
    weights = np.concatenate([w.ravel() for w in model.get_weights()])
    return weights, int(optimizer.iterations)


def is_jax():
    return keras.backend.backend() == "jax"


def scaled(optimizer, growth=2000):
    return ko.LossScaleOptimizer(optimizer, initial_scale=64.0, dynamic_growth_steps=growth)


OVERFLOWS = {
    "none": ([], 3),
    "first_of_a_window": ([16], 2000),
    "a_whole_window": ([16, 20, 24, 28], 3),
    "last_and_next_first": ([31, 32], 3),
    "across_epochs": ([0, 63], 3),
    "all_but_one_of_two_windows": ([16, 20, 24, 32, 36, 40], 2),
}


@pytest.mark.parametrize("name", OVERFLOWS)
def test_outside(name):
    overflowing, growth = OVERFLOWS[name]
    large, updates = train(scaled(ko.Adam(0.1)), LARGE, overflowing)
    optimizer = scaled(AccumOptimizer(ko.Adam(0.1), STEPS), growth)
    small, updates_of_ours = train(optimizer, LARGE // STEPS, overflowing)
    assert updates_of_ours == updates
    np.testing.assert_allclose(small, large, rtol=1e-5)


def test_inside():
    overflowing = [18, 30, 63]  # two in one window, and the last micro-batch of an epoch
    large, updates = train(scaled(ko.Adam(0.1)), LARGE, overflowing)
    optimizer = AccumOptimizer(scaled(ko.Adam(0.1)), STEPS)
    small, updates_of_ours = train(optimizer, LARGE // STEPS, overflowing)
    assert updates_of_ours == updates
    np.testing.assert_allclose(small, large, rtol=1e-5)


@pytest.mark.parametrize("overflowing", [[], [17, 55]])
def test_outside_with_a_window_that_is_closed_early(overflowing):
    samples = 3 * LARGE + 8  # the last large batch has two micro-batches
    large, updates = train(scaled(ko.Adam(0.1)), LARGE, overflowing, samples)
    optimizer = scaled(AccumOptimizer(ko.Adam(0.1), STEPS))
    small, updates_of_ours = train(optimizer, LARGE // STEPS, overflowing, samples)
    assert updates_of_ours == updates
    np.testing.assert_allclose(small, large, rtol=1e-5)


def test_nadam_keeps_its_product_inside_a_loss_scale():
    # Keras builds what is inside a LossScaleOptimizer with tracking off, and on JAX
    # a Nadam in it never updates its product of momenta.
    gradients = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    ends = []
    for optimizer in (ko.Nadam(0.1), scaled(AccumOptimizer(ko.Nadam(0.1), 2))):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
        model.set_weights([np.ones((3, 1))])
        # The gradient of mean(w x) is x, whatever the weights.
        model.compile(optimizer, lambda y_true, y_pred: y_pred, auto_scale_loss=False)
        is_plain = isinstance(optimizer, ko.Nadam)
        x = gradients.reshape(3, 2, 3).mean(axis=1) if is_plain else gradients
        model.fit(x, np.zeros((len(x), 1)), batch_size=1, shuffle=False, verbose=0)
        ends.append(model.get_weights()[0])
    np.testing.assert_allclose(*ends, rtol=1e-5)


def test_refuses_to_scale_the_loss_twice():
    # What `compile` does under mixed_float16 to an optimizer that has one inside.
    optimizer = scaled(AccumOptimizer(scaled(ko.Adam()), 2))
    with pytest.raises(ValueError, match="scaled twice.*auto_scale_loss=False"):
        optimizer.build([keras.Variable([0.0])])


def test_swap_ema_weights_finds_the_average_behind_two_wrappers():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    optimizer = scaled(AccumOptimizer(ko.SGD(0.1, use_ema=True, ema_momentum=0.5), 2))
    model.compile(optimizer, "mse", auto_scale_loss=False)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(np.ones((4, 3)), np.ones((4, 1)), batch_size=2, verbose=0, callbacks=[swap])
    ema = optimizer.inner_optimizer.inner_optimizer._model_variables_moving_average
    np.testing.assert_allclose(model.get_weights()[0], ema[0].numpy(), rtol=1e-6)


def test_a_window_survives_a_file_inside_a_loss_scale(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=(16, 1))
    x[6] = np.inf  # in the second of four micro-batches: the window is dropped
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(scaled(AccumOptimizer(ko.Adam(0.1), STEPS)), "mse", auto_scale_loss=False)
    model.fit(x[:12], y[:12], batch_size=4, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    copy = keras.models.load_model(tmp_path / "model.keras")
    for each in (model, copy):
        each.fit(x[12:], y[12:], batch_size=4, shuffle=False, verbose=0)  # ends the window
        assert int(each.optimizer.iterations) == 0
        each.fit(x[8:] / 2, y[8:], batch_size=2, shuffle=False, verbose=0)
        assert int(each.optimizer.iterations) == 1
    np.testing.assert_array_equal(model.get_weights()[0], copy.get_weights()[0])
