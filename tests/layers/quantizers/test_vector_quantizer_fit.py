"""VectorQuantizer in models: fit, logs, saving, frozen layers."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import VectorQuantizer

BACKEND = keras.backend.backend()
OPTIONS = {
    "loss, restarts": {"update": "loss", "init": "first_batch", "restart_threshold": 0.5},
    "ema, all options": {
        "update": "ema",
        "init": "first_batch",
        "restart_threshold": 0.5,
        "normalize": True,
        "rotation_trick": True,
        "heads": 2,
        "chunk_size": 7,
        "commitment_cost": 0.5,
        "decay": 0.8,
        "epsilon": 1e-4,
    },
}
EMA = {"update": "ema", "init": "first_batch", "restart_threshold": 0.5, "decay": 0.9}


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def x(rng):
    return rng.normal(size=(96, 3, 4)).astype("float32")


def autoencoder(dtype=None, **options):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 4))
    codes = VectorQuantizer(16, seed=0, name="quantizer", dtype=dtype, **options)(
        keras.layers.Dense(4)(inputs)
    )
    model = keras.Model(inputs, keras.layers.Dense(4)(codes))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


@pytest.mark.parametrize("name", OPTIONS)
def test_fit_logs_saves_and_repeats(name, x, tmp_path):
    model = autoencoder(**OPTIONS[name])
    layer = model.get_layer("quantizer")
    start = numpy(layer.codebook).copy()
    history = model.fit(
        x, x, batch_size=48, epochs=3, shuffle=False, verbose=0, validation_data=(x, x)
    ).history
    assert (numpy(layer.codebook) != start).any(-1).mean() > 0.9
    assert history["loss"][-1] < history["loss"][0]

    weights = model.get_weights()
    found = model.evaluate(x, x, batch_size=48, verbose=0, return_dict=True)
    for one, other in zip(weights, model.get_weights()):
        np.testing.assert_array_equal(one, other)
    # What fit logged of the last epoch's validation is what the model does now.
    codes = numpy(layer.encode(model.layers[1](x))).reshape(-1, layer.heads)
    counts = np.stack([np.bincount(part, minlength=16) for part in codes.T])
    shares = counts / counts.sum(1, keepdims=True)
    entropy = -np.where(counts > 0, shares * np.log(np.maximum(shares, 1e-9)), 0).sum(1)
    for logs in (found, {key[4:]: values[-1] for key, values in history.items() if key.startswith("val_")}):
        np.testing.assert_allclose(logs["perplexity"], np.exp(entropy).mean(), rtol=1e-4)
        np.testing.assert_allclose(logs["active_codes"], (counts > 0).sum(1).mean(), rtol=1e-6)
        np.testing.assert_allclose(logs["commitment"], float(layer.commitment.result()), rtol=1e-4)
    assert 1 < history["perplexity"][-1] <= 16
    assert 1 < history["active_codes"][-1] <= 16

    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    restored = again.get_layer("quantizer")
    assert restored.get_config() == layer.get_config()
    assert {key: restored.get_config()[key] for key in OPTIONS[name]} == OPTIONS[name]
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(numpy(model(x)), numpy(again(x)))
    if "loss" in name:  # it goes on as if never saved
        for one in (model, again):
            one.fit(x, x, batch_size=48, shuffle=False, verbose=0)
        for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_fit_in_mixed_precision_compiled_by_xla(x):
    model = autoencoder(dtype="mixed_bfloat16", **EMA, chunk_size=7)
    model.compile("adam", "mse", jit_compile=BACKEND != "torch")
    history = model.fit(x, x, batch_size=40, epochs=2, verbose=0).history  # the last one is smaller
    assert np.isfinite(history["loss"]).all()
    assert history["active_codes"][-1] > 12


def test_adapted_codes_survive_saving_copies_and_set_weights(x, tmp_path):
    layer = VectorQuantizer(16, init="kmeans", seed=0)
    layer.adapt(x)
    model = keras.Sequential([keras.Input((3, 4)), layer])
    model.save(tmp_path / "model.keras")
    copy = keras.models.clone_model(model)
    with pytest.raises(ValueError, match="adapt"):
        copy(x)
    copy.set_weights(model.get_weights())
    copy.layers[-1].set_weights(layer.get_weights())
    for other in (keras.models.load_model(tmp_path / "model.keras"), copy):
        np.testing.assert_array_equal(numpy(other(x)), numpy(layer(x)))


def test_frozen_layers_keep_their_codes_in_fit(x):
    model = autoencoder(**EMA)
    layer = model.get_layer("quantizer")
    layer.trainable = False
    model.compile("adam", "mse")
    before = [numpy(v) for v in layer.weights]
    model.fit(x, x, batch_size=96, verbose=0)
    for one, other in zip(before, layer.weights):
        np.testing.assert_array_equal(one, numpy(other))
