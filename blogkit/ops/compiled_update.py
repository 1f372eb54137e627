"""Compile a pure update step, such as a model's `train_step`, on its own."""

import functools
from collections.abc import Callable

import keras


def compiled_update(train_step: Callable) -> Callable:
    """Compiles a Keras model's `train_step` for use within one that runs eagerly.

    A model whose update begins on the host (with draws from a buffer, say) runs with
    `run_eagerly=True`. This compiles the rest of the update nevertheless: `jax.jit`,
    `tf.function`, or on torch nothing.

    Args:
        train_step: Bound method `train_step(data)`, on JAX `train_step(state, data)`, with an
            optimizer that is built. Other shapes compile anew.

    Returns:
        A function of the same arguments.
    """
    return _BACKENDS[keras.backend.backend()](train_step)


def _jax(train_step):
    import jax

    return jax.jit(train_step)


def _tensorflow(train_step):
    import tensorflow as tf

    # As a partial, which has no code of its own: TensorFlow counts the graphs of equal code
    # together and warns of too many.
    return tf.function(functools.partial(train_step), autograph=False)


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": lambda train_step: train_step}
