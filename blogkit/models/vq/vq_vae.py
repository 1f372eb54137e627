"""VQ-VAE: an autoencoder with a map of integer codes."""

import keras
import numpy as np
from keras import ops

from blogkit.ops import FiniteData, compiled


@keras.saving.register_keras_serializable("blogkit")
class VQVAE(FiniteData, keras.Model):
    """Encoder, quantizer and decoder, trained together.

        reconstruction = decoder(quantizer(encoder(images)))

    `compile(optimizer, loss="mse")` and `fit(images, images)` minimize, with the losses that a
    `VectorQuantizer` adds, the article's sum (kexue.fm/archives/6760)

        |x - decoder(z + sg[q - z])|^2 + |sg[z] - q|^2 + commitment_cost |z - sg[q]|^2

    each term a mean over all elements, with z the encoder's vectors and q their code vectors.
    Without a quantizer it is a plain autoencoder, the baseline for the cost of the codes.

    Args:
        encoder: Model or layer from images to vectors along the last axis.
        quantizer: `VectorQuantizer`, `ResidualVectorQuantizer`, or None.
        decoder: Model or layer from vectors to images.

    Call arguments:
        images: `(batch, height, width, channels)`.
        training: Passed to all parts.

    Returns:
        Images of the same shape.

    Raises:
        ValueError: From `fit`, for arrays without samples, or with NaN or inf, which a codebook of
            moving averages would keep.

    Example:

    >>> from blogkit.layers import VectorQuantizer
    >>> from blogkit.models import VQVAE, vq_vae_networks
    >>> encoder, decoder = vq_vae_networks(channels=1, width=4, num_blocks=0)
    >>> model = VQVAE(encoder, VectorQuantizer(num_codes=16, seed=0), decoder)
    >>> codes = model.encode(np.zeros((2, 12, 8, 1), "float32"))
    >>> codes.shape, model.decode(codes).shape
    ((2, 3, 2), (2, 12, 8, 1))
    """

    def __init__(self, encoder, quantizer, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder, self.quantizer, self.decoder = encoder, quantizer, decoder
        # Not `predict`: TensorFlow warns of retracing when several models see a few sizes each.
        self._encoder_pass = compiled(lambda x: encoder(x, training=False), shapes_vary=True)
        self._decoder_pass = compiled(lambda x: decoder(x, training=False), shapes_vary=True)

    def build(self, images_shape):
        shape = tuple(images_shape)
        for layer in (self.encoder, self.quantizer, self.decoder):
            if layer is not None:
                if not layer.built:
                    layer.build(shape)
                shape = layer.compute_output_shape(shape)
        self.built = True

    def call(self, images, training=False):
        vectors = self.encoder(images, training=training)
        if self.quantizer is not None:
            vectors = self.quantizer(vectors, training=training)
        return self.decoder(vectors, training=training)

    def encode(self, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Codes of `images`, NumPy int32, `(batch, height / 4, width / 4)` with `vq_vae_networks`.

        Raises:
            ValueError: If the model has no quantizer.
        """
        self._check_codes()
        return ops.convert_to_numpy(self.quantizer.encode(self.encode_vectors(images, batch_size)))

    def decode(self, codes: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Images decoded from `codes`, NumPy.

        Raises:
            ValueError: If the model has no quantizer, or for codes out of range.
        """
        self._check_codes()
        return self.decode_vectors(ops.convert_to_numpy(self.quantizer.decode(codes)), batch_size)

    def reconstruct(self, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Images decoded from their codes, or from their vectors without a quantizer; NumPy."""
        if self.quantizer is None:
            return self.decode_vectors(self.encode_vectors(images, batch_size), batch_size)
        return self.decode(self.encode(images, batch_size), batch_size)

    def encode_vectors(self, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Vectors of the encoder before quantization, NumPy."""
        images = np.asarray(images)
        if not self.built:
            self.build(images.shape)
        return _in_batches(self._encoder_pass, images, batch_size)

    def decode_vectors(self, vectors: np.ndarray, batch_size: int = 256) -> np.ndarray:
        """Images decoded from `vectors` without quantization, NumPy."""
        return _in_batches(self._decoder_pass, np.asarray(vectors), batch_size)

    def _check_codes(self):
        if self.quantizer is None:
            raise ValueError(
                "`quantizer` must be given for codes. Received: quantizer=None, a plain autoencoder. "
                "Use `encode_vectors` and `decode_vectors`."
            )

    def get_config(self):
        parts = dict(encoder=self.encoder, quantizer=self.quantizer, decoder=self.decoder)
        config = {name: keras.saving.serialize_keras_object(part) for name, part in parts.items()}
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("encoder", "quantizer", "decoder")
        }
        return cls(**{**config, **parts})


def _in_batches(function, array, size):
    starts = range(0, max(len(array), 1), size)
    return np.concatenate([ops.convert_to_numpy(function(array[start : start + size])) for start in starts])
