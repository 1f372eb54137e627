"""Whether a tensor has values, or is a placeholder in code that is being compiled."""

import keras


def has_values(tensor) -> bool:
    """True in eager code, where a check may read values; False while code is compiled.

    False for JAX' tracers (inside `jit`, `grad`, `vmap`), inside a `tf.function`, for torch's
    meta device and inside `torch.compile`, and for symbolic Keras tensors. `fit` is compiled on
    JAX and TensorFlow and eager on torch.

    Example:

    >>> from blogkit.ops import has_values
    >>> has_values(keras.ops.ones(2)), has_values(keras.Input((2,)))
    (True, False)
    """
    return not isinstance(tensor, keras.KerasTensor) and _BACKENDS[keras.backend.backend()](tensor)


def _jax(tensor):
    import jax

    return not isinstance(tensor, jax.core.Tracer)


def _tensorflow(tensor):
    import tensorflow as tf

    return tf.executing_eagerly()


def _torch(tensor):
    import torch

    return not torch.compiler.is_compiling() and getattr(tensor, "device", None) != torch.device("meta")


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
