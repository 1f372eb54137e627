"""NaN in training data spoils neither weights nor a codebook of moving averages."""

import keras
import numpy as np
import pytest

from blogkit.layers import VectorQuantizer
from blogkit.models import VQVAE, EnergyModel, vq_vae_networks


def energy_model():
    layers = [keras.layers.Dense(8, activation="swish"), keras.layers.Dense(1), keras.layers.Reshape(())]
    network = keras.Sequential([keras.Input((2,)), *layers])
    model = EnergyModel(network, {"step_size": 0.01, "bounds": (0, 1)}, num_steps=2, chains=4)
    model.compile("adam")
    return model, np.full((24, 2), 0.5, "float32")


def vq_vae():
    encoder, decoder = vq_vae_networks(channels=1, width=4, num_blocks=0)
    model = VQVAE(encoder, VectorQuantizer(num_codes=8, seed=0), decoder)
    images = np.random.default_rng(0).uniform(size=(24, 8, 8, 1)).astype("float32")
    model.build(images.shape)
    model.compile("adam", loss="mse")
    return model, images


def arguments(model, x):
    return (x, x) if isinstance(model, VQVAE) else (x,)


def weights_stay(model, message, act):
    before = [np.array(weight) for weight in model.get_weights()]
    with pytest.raises(ValueError, match=message):
        act()
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("make", [energy_model, vq_vae])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_that_are_not_finite_or_empty_are_refused(make, bad):
    model, x = make()
    x[17] = bad
    stop = keras.callbacks.TerminateOnNaN()
    fit = dict(batch_size=8, verbose=0, callbacks=[stop])
    message = "`x` must be finite. Received: NaN or inf in sample 17 of 24"
    weights_stay(model, message, lambda: model.fit(*arguments(model, x), **fit))
    weights_stay(model, message, lambda: model.train_on_batch(*arguments(model, x)))
    weights_stay(model, "at least one sample", lambda: model.fit(*arguments(model, x[:0]), **fit))
    x[17] = 0.5
    model.fit(*arguments(model, x), **fit)


def test_the_energy_model_looks_at_every_batch_of_a_generator():
    model, x = energy_model()
    x[9] = np.nan

    def batches():
        for start in range(0, 24, 8):
            yield (x[start : start + 8],)

    with pytest.raises(ValueError, match="in sample 1 of 8"):
        model.fit(batches(), steps_per_epoch=3, shuffle=False, verbose=0)
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert int(model.optimizer.iterations) == 1
