"""A matrix product in full precision, also on a GPU."""

import keras


def full_matmul(a, b):
    """`a @ b`, computed in the dtype of both.

    GPUs multiply float32 matrices with 11 of 24 binary digits (TensorFloat-32), on JAX and
    TensorFlow by default. JAX is asked for full precision; where the others would shorten, the product
    is computed in float64. Keras' own `matmul` computes float64 in float32 on torch.

    Args:
        a, b: Tensors `(rows, inner)` and `(inner, columns)`, both float32 or both float64.

    Returns:
        Tensor `(rows, columns)` of that dtype.

    Example:

    >>> full_matmul(keras.ops.ones((2, 3)), keras.ops.ones((3, 4))).shape == (2, 4)
    True
    """
    return _BACKENDS[keras.backend.backend()](a, b)


def _jax(a, b):
    import jax

    return jax.numpy.matmul(a, b, precision="highest")


def _tensorflow(a, b):
    import tensorflow as tf

    shortened = (
        tf.config.experimental.tensor_float_32_execution_enabled() and tf.config.list_physical_devices("GPU")
    )
    if a.dtype == tf.float32 and shortened:
        return tf.cast(tf.cast(a, tf.float64) @ tf.cast(b, tf.float64), tf.float32)
    return a @ b


def _torch(a, b):
    import torch

    if a.is_cuda and a.dtype == torch.float32 and torch.get_float32_matmul_precision() != "highest":
        return (a.double() @ b.double()).float()
    return a @ b


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
