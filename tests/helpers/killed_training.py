"""A training to be killed: `python killed_training.py FOLDER RESULT` continues it and saves its end."""

import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
from keras import ops

from blogkit.models import ShuffledBatches, resumable_fit

EPOCHS = 60


def train(folder, pause=0.0):
    """The state of model and optimizer at the end, and the history."""
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(48, 5)).astype("float32")
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((5,)), *layers])
    rate = keras.optimizers.schedules.CosineDecay(0.05, 6 * EPOCHS)
    model.compile(keras.optimizers.Adam(rate, use_ema=True, ema_momentum=0.9), loss="mse")
    history = resumable_fit(
        model,
        ShuffledBatches((x, x[:, :1] * x[:, 1:2]), batch_size=8, seed=1),
        folder=folder,
        epochs=EPOCHS,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(pause))],
    )
    variables = [*model.variables, *model.optimizer.variables]
    return [ops.convert_to_numpy(variable) for variable in variables], history


if __name__ == "__main__":
    arrays, history = train(sys.argv[1], pause=0.05)
    np.savez(sys.argv[2], *arrays)
    Path(sys.argv[2]).with_suffix(".json").write_text(json.dumps(history))
