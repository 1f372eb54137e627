"""A training step that the backend compiles as a whole, apart from what happens between steps."""

import keras


def compiled_update(train_step):
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

    # In a lambda, because TensorFlow counts all bound methods of a class as one.
    return tf.function(lambda data: train_step(data), autograph=False)


_BACKENDS = {"jax": _jax, "tensorflow": _tensorflow, "torch": lambda train_step: train_step}
