"""Spectral normalisation as a projection of the kernels, the same on every backend."""

import keras

from blogkit.ops.keras_internals import layers_inside


def project_spectral_norms(network):
    """Divides every kernel inside `keras.layers.SpectralNormalization` by its largest singular value.

    The wrapper does this in its forward pass with `training=True`, by assigning the kernel.
    On JAX that assignment is lost when the update is compiled (kernels are trainable, and only
    non-trainable weights are carried over), so that inference runs on kernels that were never
    normalised. A projection between updates keeps to the same set on all backends.

    Args:
        network: Keras model, searched at any depth. Each call is one power iteration
            (`power_iterations` of the wrapper).
    """
    for layer in layers_inside(network):
        if isinstance(layer, keras.layers.SpectralNormalization):
            vector_u, kernel = layer.normalized_weights()
            layer.vector_u.assign(vector_u)
            layer.kernel.assign(kernel)
