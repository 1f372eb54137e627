"""Trains on two virtual devices, in a process of its own: devices are set before the start.

Run by test_two_devices.py as `python two_devices.py`; prints one line of JSON.
"""

import contextlib
import json
import os
import sys

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

import keras
import numpy as np

from blogkit.optimizers import AccumOptimizer, accumulate_exactly

BACKEND = keras.backend.backend()
LARGE, STEPS = 32, 4
CASES = {
    "adam": (lambda: keras.optimizers.Adam(0.1), 96),
    "ema": (lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), 96),
    # The last micro-batch has 3 samples, one device 2 and the other 1; or 2 on
    # JAX, which refuses to split an odd number.
    "ragged": (lambda: keras.optimizers.Adam(0.1), 90 if BACKEND == "jax" else 91),
    "partial": (lambda: keras.optimizers.Nadam(0.1), 80),
}
REFUSED = {
    "clipnorm": lambda: keras.optimizers.SGD(0.1, clipnorm=1.0),
    "ema_overwrite_frequency": lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2),
    "LossScaleOptimizer": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)),
}


@contextlib.contextmanager
def two_devices():
    if BACKEND == "jax":
        keras.distribution.set_distribution(keras.distribution.DataParallel())
        yield
        keras.distribution.set_distribution(None)
        return
    import tensorflow as tf

    with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
        yield


def train(optimizer, batch_size, samples):
    """Weights before and after two epochs, as flat arrays."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(96, 3))[:samples], rng.normal(size=(96, 1))[:samples]
    dense = [keras.layers.Dense(2, "tanh"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((3,)), *dense])
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    before = flat(model)
    model.compile(optimizer, "mse")
    if isinstance(optimizer, AccumOptimizer):
        accumulate_exactly(model)
    model.fit(x, y, batch_size, epochs=2, shuffle=False, verbose=0)
    return before, flat(model)


def flat(model):
    return np.concatenate([w.ravel() for w in model.get_weights()])


def measure(make_optimizer, samples):
    """Distance between the accumulated end on two devices and the large batch's on one."""
    before, large = train(make_optimizer(), LARGE, samples)
    with two_devices():
        _, small = train(AccumOptimizer(make_optimizer(), STEPS), LARGE // STEPS, samples)
    return float(np.abs(small - large).max() / np.abs(large - before).max())


def refuse(make_optimizer):
    """What an optimizer that is not the same on two devices says; None if nothing."""
    try:
        with two_devices():
            train(AccumOptimizer(make_optimizer(), STEPS), LARGE // STEPS, 96)
    except ValueError as error:
        return str(error)


def main():
    if BACKEND == "tensorflow":
        import tensorflow as tf

        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
        refusals = {name: refuse(make) for name, make in REFUSED.items()}
    else:  # JAX splits the arrays, not the code: there is nothing to refuse
        refusals = {}
    distances = {name: measure(*case) for name, case in CASES.items()}
    json.dump({"distances": distances, "refusals": refusals}, sys.stdout)


if __name__ == "__main__":
    main()
