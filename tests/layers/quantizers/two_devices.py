"""Trains a quantizer on two virtual devices and on one, in a process of its own.

Run by test_vector_quantizer_two_devices.py; prints one line of JSON.
"""

import contextlib
import functools
import json
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import keras
import numpy as np

from blogkit.layers import VectorQuantizer

BACKEND = keras.backend.backend()


@contextlib.contextmanager
def two_devices():
    if BACKEND == "jax":
        keras.distribution.set_distribution(keras.distribution.DataParallel())
        yield
        keras.distribution.set_distribution(None)
        return
    with strategy().scope():
        yield


@functools.cache
def strategy():
    """One for all: a second one would use the numbers of the first one's collective operations."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def train(rows=64, **options):
    """Weights and logs after two epochs. The second device sees other vectors than the first."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3)).astype("float32")
    x[8:16] += 5
    x[40:48] += 5  # batches of 32 are cut at 16
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), VectorQuantizer(8, seed=0, chunk_size=5, **options)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    history = model.fit(x, x, batch_size=32, epochs=2, shuffle=False, verbose=0).history
    return [w.tolist() for w in model.get_weights()], {name: values[-1] for name, values in history.items()}


def both(**options):
    one = train(**options)
    with two_devices():
        two = train(**options)
    return {"one": one, "two": two}


def main():
    if BACKEND == "tensorflow":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    options = {"init": "first_batch", "restart_threshold": 4}
    # One row is left for the last batch: on TensorFlow the second device has none.
    rows = 65 if BACKEND == "tensorflow" else 64
    found = {"ema": both(update="ema", rows=rows, **options), "loss": both(update="loss", **options)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
