"""VQVAE: the loss of the article, encoding and decoding, saved files; and its networks."""

import keras
import numpy as np
import pytest

from blogkit.layers import ResidualVectorQuantizer, VectorQuantizer
from blogkit.models import VQVAE, vq_vae_networks


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def made(quantizer, channels=1):
    keras.utils.set_random_seed(3)
    encoder, decoder = vq_vae_networks(channels, width=6, dim=4, num_blocks=1)
    return VQVAE(encoder, quantizer, decoder)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).uniform(-1, 1, (10, 8, 12, 1)).astype("float32")


@pytest.fixture(scope="module")
def trained(images):
    model = made(VectorQuantizer(8, update="ema", init="first_batch", seed=0))
    model.compile(keras.optimizers.Adam(1e-2), loss="mse")
    model.history_of_fit = model.fit(images, images, batch_size=5, epochs=8, verbose=0).history
    return model


def test_fit_lowers_the_loss_and_logs_the_codebook(trained):
    history = trained.history_of_fit
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    assert {"perplexity", "active_codes", "commitment"} <= set(history)


def test_codes_there_and_back_are_the_reconstruction(trained, images):
    codes = trained.encode(images, batch_size=4)
    assert codes.shape == (10, 2, 3) and codes.dtype == np.int32 and len(np.unique(codes)) > 1
    wanted = trained.predict(images, verbose=0)
    np.testing.assert_allclose(trained.decode(codes, batch_size=3), wanted, atol=1e-5)  # float32
    np.testing.assert_allclose(trained.reconstruct(images, batch_size=7), wanted, atol=1e-5)


def test_codes_follow_further_training(images):
    model = made(VectorQuantizer(8, seed=0))
    before = model.encode_vectors(images)
    for weight in model.encoder.weights:
        weight.assign(0.9 * weight)
    wanted = array(model.encoder(images))
    assert np.abs(wanted - before).max() > 1e-3
    np.testing.assert_allclose(model.encode_vectors(images), wanted, atol=1e-5)
    np.testing.assert_allclose(
        model.encode_vectors(images[:, :4, :8]), array(model.encoder(images[:, :4, :8])), atol=1e-5
    )


def test_the_loss_is_the_articles_sum(images):
    model = made(VectorQuantizer(8, commitment_cost=0.25, seed=0))
    model.compile("sgd", loss="mse")
    z = model.encoder.predict(images, verbose=0)
    model.quantizer.build(z.shape)
    codebook = array(model.quantizer.codebook)
    q = codebook[((z[..., None, :] - codebook) ** 2).sum(-1).argmin(-1)]
    x = model.decoder.predict(q, verbose=0)
    wanted = ((x - images) ** 2).mean() + 1.25 * ((z - q) ** 2).mean()
    np.testing.assert_allclose(
        model.evaluate(images, images, verbose=0, return_dict=True)["loss"], wanted, rtol=1e-5
    )


def test_a_saved_model_gives_the_same_codes_and_images(trained, images, tmp_path):
    trained.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.encode(images), trained.encode(images))
    np.testing.assert_allclose(
        loaded.predict(images, verbose=0), trained.predict(images, verbose=0), atol=1e-6
    )


def test_without_a_quantizer_it_is_a_plain_autoencoder(images, tmp_path):
    model = made(None)
    wanted = model.decoder(model.encoder(images))
    np.testing.assert_allclose(array(model(images)), array(wanted), atol=1e-6)
    np.testing.assert_allclose(model.reconstruct(images), array(wanted), atol=1e-5)
    for codes in (lambda: model.encode(images), lambda: model.decode(np.zeros((1, 2, 3), "int32"))):
        with pytest.raises(ValueError, match="quantizer=None"):
            codes()
    model.save(tmp_path / "plain.keras")
    assert keras.saving.load_model(tmp_path / "plain.keras").quantizer is None


def test_residual_codes_pass_too(images):
    model = made(ResidualVectorQuantizer(2, num_codes=4, seed=0))
    codes = model.encode(images)
    np.testing.assert_allclose(model.decode(codes), model.predict(images, verbose=0), atol=1e-5)


def test_the_articles_sizes():
    encoder, decoder = vq_vae_networks(channels=3, width=128)
    assert encoder.compute_output_shape((1, 128, 128, 3)) == (1, 32, 32, 128)
    assert decoder.compute_output_shape((1, 32, 32, 128)) == (1, 128, 128, 3)
    # Six residual blocks of 3 x 3 and 1 x 1, four convolutions of 4 x 4, as in vq_vae_keras.py.
    kernels = 6 * (9 + 1) * 128**2 + 2 * 16 * 128**2 + 2 * 16 * 3 * 128
    weights = [*encoder.trainable_weights, *decoder.trainable_weights]
    assert sum(int(np.prod(w.shape)) for w in weights if len(w.shape) == 4) == kernels


def test_a_residual_block_that_adds_nothing_changes_nothing(images):
    plain, _ = vq_vae_networks(channels=1, width=6, dim=4, num_blocks=0)
    encoder, _ = vq_vae_networks(channels=1, width=6, dim=4, num_blocks=1)
    plain.set_weights(encoder.get_weights()[: len(plain.weights)])
    last_norm = encoder.layers[-2]
    last_norm.gamma.assign(0 * last_norm.gamma)
    np.testing.assert_allclose(array(encoder(images)), array(plain(images)), atol=1e-6)


def test_images_stay_between_minus_one_and_one():
    _, decoder = vq_vae_networks(channels=1, width=6, dim=4, num_blocks=0)
    decoded = array(decoder(1e3 * np.random.default_rng(0).normal(size=(2, 2, 3, 4)).astype("float32")))
    assert 0.99 < np.abs(decoded).max() <= 1


@pytest.mark.parametrize("sizes", [dict(width=0), dict(width=8, dim=2.5), dict(width=8, num_blocks=-1)])
def test_sizes_out_of_range(sizes):
    name, value = list(sizes.items())[-1]
    with pytest.raises(ValueError, match=f"`{name}` must be a .*integer. Received: {name}={value}"):
        vq_vae_networks(channels=3, **sizes)
