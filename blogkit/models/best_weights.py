"""Callback that keeps the weights of the epoch with the best score, and stops when none is better."""

import math
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from blogkit.checks import check_count


class BestWeights(keras.callbacks.Callback):
    """Measure after every epoch, and end the training with the weights of the best one.

    As in the articles' code, an epoch is the best so far if its score is strictly higher. The score is
    added to the history under `name`. With `blogkit.models.resumable_fit` a resumed training knows the
    best weights so far: they are part of its backups.

    Args:
        measure: Function without arguments that returns the score of the model as it is, such as the
            F1 on the development rows. Higher is better.
        patience: Stop after so many epochs without a better score; None to train to the end.
        name: Name in the history, not one of the model's own.

    Attributes:
        best: Highest score; minus infinity before the first epoch.
        epoch: Epoch of that score, counted from 0; None before the first.

    Raises:
        ValueError: If `patience` is not a positive integer, or a score is NaN.

    Example:

    >>> import keras, numpy as np
    >>> from blogkit.models import BestWeights
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.1), loss="mse")
    >>> scores = iter([0.2, 0.8, 0.5])
    >>> best = BestWeights(lambda: next(scores), name="accuracy")
    >>> history = model.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=3, verbose=0, callbacks=[best])
    >>> history.history["accuracy"], best.best, best.epoch
    ([0.2, 0.8, 0.5], 0.8, 1)
    """

    def __init__(self, measure: Callable[[], float], patience: int | None = None, name: str = "score"):
        super().__init__()
        if patience is not None:
            check_count("patience", patience, 1)
        self.measure, self.patience, self.name = measure, patience, name
        self.best, self.epoch, self._weights, self._loaded = -math.inf, None, None, None

    def on_train_begin(self, logs=None):
        self.best, self.epoch, self._weights = -math.inf, None, None

    def on_epoch_end(self, epoch, logs=None):
        score = float(self.measure())
        if math.isnan(score):
            raise ValueError(f"`measure` must return a number. Received: NaN after epoch {epoch + 1}.")
        if logs is not None:
            logs[self.name] = score
        if self.epoch is None or score > self.best:  # the first one, were it minus infinity
            self.best, self.epoch = score, epoch
            self._weights = [np.array(weight) for weight in self.model.get_weights()]
        elif self.patience is not None and epoch - self.epoch >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self._weights is not None:
            self.model.set_weights(self._weights)

    def get_state(self) -> dict:
        """Score and epoch as JSON values, for `resumable_fit`."""
        return {"best": self.best, "epoch": self.epoch} if self.epoch is not None else {}

    def set_state(self, state: dict) -> None:
        """Go on from `get_state()`, with the weights of `load_arrays`."""
        if state:
            self.best, self.epoch, self._weights = state["best"], state["epoch"], self._loaded

    def save_arrays(self, path: Path) -> None:
        """Write the best weights to `path`, an .npz file."""
        np.savez(path, *(self._weights or ()))

    def load_arrays(self, path: Path) -> None:
        """Read what `save_arrays` has written."""
        with np.load(path) as arrays:
            self._loaded = [arrays[f"arr_{number}"] for number in range(len(arrays.files))] or None
