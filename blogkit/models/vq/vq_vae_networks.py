"""Convolutional encoder and decoder of the article's VQ-VAE."""

import keras
from keras import layers

from blogkit.checks import check_count


def vq_vae_networks(
    channels: int, width: int, dim: int | None = None, num_blocks: int = 3
) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder of the article's VQ-VAE, for images whose height and width 4 divides.

    The encoder halves height and width twice, by 4 x 4 convolutions with stride 2, and
    ends in residual blocks; the decoder mirrors it (kexue.fm/archives/6760,
    `vq_vae_keras.py`, where 128 x 128 x 3 become 32 x 32 x 128). Batch normalization has the
    momentum 0.9: with Keras' default of 0.99 its averages lag behind in short runs.

    Args:
        channels: Channels of the images, for example 1 or 3. Pixel values are in [-1, 1].
        width: Channels of the hidden convolutions.
        dim: Length of the encoded vectors; by default `width`, as in the article.
        num_blocks: Residual blocks of each network.

    Returns:
        Two models: images `(batch, height, width, channels)` to vectors
        `(batch, height / 4, width / 4, dim)`, and back.

    Raises:
        ValueError: For a size out of range or not an integer.

    Example:

    >>> encoder, decoder = vq_vae_networks(channels=3, width=8, num_blocks=1)
    >>> vectors = encoder(keras.ops.zeros((2, 12, 20, 3)))
    >>> tuple(vectors.shape), tuple(decoder(vectors).shape)
    ((2, 3, 5, 8), (2, 12, 20, 3))
    """
    dim = width if dim is None else dim
    check_count("channels", channels)
    check_count("width", width)
    check_count("dim", dim)
    check_count("num_blocks", num_blocks, low=0)
    return _encoder(channels, width, dim, num_blocks), _decoder(channels, width, dim, num_blocks)


def _encoder(channels, width, dim, num_blocks):
    x = images = keras.Input((None, None, channels))
    x = layers.ReLU()(_norm(layers.Conv2D(width, 4, strides=2, padding="same")(x)))
    x = _norm(layers.Conv2D(dim, 4, strides=2, padding="same")(x))
    for block in range(num_blocks):
        x = _residual(x)
        x = _norm(x) if block < num_blocks - 1 else x
    return keras.Model(images, x, name="encoder")


def _decoder(channels, width, dim, num_blocks):
    x = vectors = keras.Input((None, None, dim))
    for _ in range(num_blocks):
        x = _residual(_norm(x))
    x = layers.ReLU()(_norm(layers.Conv2DTranspose(width, 4, strides=2, padding="same")(x)))
    x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", activation="tanh")(x)
    return keras.Model(vectors, x, name="decoder")


def _residual(x):
    y = _norm(layers.Conv2D(x.shape[-1], 3, padding="same")(layers.ReLU()(x)))
    return layers.Add()([x, _norm(layers.Conv2D(x.shape[-1], 1)(layers.ReLU()(y)))])


def _norm(x):
    return layers.BatchNormalization(momentum=0.9)(x)
