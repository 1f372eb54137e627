"""Random numbers as a function of (seed, stream, step), without state.

Keras' own `SeedGenerator` keeps a counter. Inside a loop that JAX compiles the counter
stands still, so that every step draws the same noise; and on torch seed and counter are
added, so that the second draw of seed 0 is the first draw of seed 1. Here JAX folds the
step into the key, TensorFlow takes (key, step) as seed and torch seeds a generator with
their hash.
"""

import hashlib
import math

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count

KEY_WORDS = 2


def random_key(seed: int, stream: int = 0) -> np.ndarray:
    """Hashes `(seed, stream)` to a key of two 32-bit words, for any non-negative seed.

    Neighbouring seeds, and streams of one seed, have unrelated keys (BLAKE2b).

    Args:
        seed: Non-negative integer of any size.
        stream: Integer that sets draws of another purpose apart.

    Returns:
        NumPy array of shape `(2,)` and dtype `uint32`. It may be an argument of compiled
        code on JAX and TensorFlow: another seed needs no new compilation.

    Raises:
        ValueError: If `seed` is not a non-negative integer.
    """
    check_count(name="seed", value=seed, low=0)
    return np.frombuffer(_digest(f"{int(seed)}/{int(stream)}"), "<u4")


def _digest(text):
    return hashlib.blake2b(text.encode(), digest_size=4 * KEY_WORDS).digest()


def stateless_normal(shape, key, step, dtype: str = "float32"):
    """Standard normal numbers, the same for the same `(key, step)`, independent otherwise.

    Args:
        shape: Shape of the result.
        key: What `random_key` gave, or a tensor of it in compiled code.
        step: Non-negative integer; in compiled code a tensor (on torch always a number).
        dtype: `"float32"` or `"float64"`.

    Returns:
        Tensor of shape `shape`. The backends draw different numbers from one another.

    Example:

    >>> from blogkit.ops import random_key, stateless_normal
    >>> noise = stateless_normal((2, 3), random_key(0), step=7)
    >>> again = stateless_normal((2, 3), random_key(0), step=7)
    >>> bool(keras.ops.all(noise == again))
    True
    """
    return _BACKENDS[keras.backend.backend()]("normal", shape, key, step, dtype)


def stateless_uniform(shape, key, step, dtype: str = "float32"):
    """Numbers uniform in [0, 1); otherwise as `stateless_normal`."""
    return _BACKENDS[keras.backend.backend()]("uniform", shape, key, step, dtype)


def _jax(distribution, shape, key, step, dtype):
    import jax

    # Named, because a user may have made another generator JAX' default.
    key = jax.random.fold_in(jax.random.wrap_key_data(key, impl="threefry2x32"), step)
    return getattr(jax.random, distribution)(key, tuple(shape), dtype)


def _tensorflow(distribution, shape, key, step, dtype):
    import tensorflow as tf

    high, low = tf.unstack(tf.cast(key, tf.int64))
    seed = tf.stack([tf.bitwise.bitwise_xor(high * 2**32, low), tf.cast(step, tf.int64)])
    if distribution == "uniform":
        return tf.random.stateless_uniform(shape, seed, dtype=dtype)
    # Box and Muller's formula as four operations on whole arrays. `stateless_normal` uses it
    # too, number by number, and took twice as long on CPUs (benchmarks/langevin.py).
    size = math.prod(shape)
    radius, angle = tf.unstack(tf.random.stateless_uniform((2, (size + 1) // 2), seed, dtype=dtype))
    radius, angle = tf.sqrt(-2 * tf.math.log(1 - radius)), 2 * math.pi * angle
    pairs = tf.concat([radius * tf.cos(angle), radius * tf.sin(angle)], 0)
    return tf.reshape(pairs[:size], shape)


def _torch(distribution, shape, key, step, dtype):
    import torch

    generator = torch.Generator(device=ops.zeros(()).device)  # where Keras puts tensors
    generator.manual_seed(int.from_bytes(_digest(f"{key.tobytes().hex()}/{int(step)}"), "little"))
    draw = {"normal": torch.randn, "uniform": torch.rand}[distribution]
    return draw(tuple(shape), generator=generator, dtype=getattr(torch, dtype), device=generator.device)


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
