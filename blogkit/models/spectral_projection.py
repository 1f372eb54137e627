"""Spectral normalization as a projection of kernels, the same on every backend."""

import keras

from blogkit.ops.keras_internals import layers_inside


def project_spectral_norms(network) -> None:
    """Divides every kernel inside `keras.layers.SpectralNormalization` by its largest singular value.

    The wrapper assigns the normalized kernel in its forward pass with `training=True`. In a
    compiled update on JAX that assignment is lost, because only non-trainable weights are carried
    over, and inference uses kernels that were never normalized. A projection between updates
    constrains the kernels alike on all backends.

    Args:
        network: Keras model; nested layers are found, too. Each call does `power_iterations` of
            the wrapper.
    """
    for layer in layers_inside(network):
        if isinstance(layer, keras.layers.SpectralNormalization):
            vector_u, kernel = layer.normalized_weights()
            layer.vector_u.assign(vector_u)
            layer.kernel.assign(kernel)
