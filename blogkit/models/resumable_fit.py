"""`fit` that continues after a kill, to the weights and history of an uninterrupted training."""

from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np

from blogkit.models.training_backups import TrainingBackups
from blogkit.models.training_settings import training_settings
from blogkit.ops import set_global_random_state

# Callbacks that stop, or change the rate, by what they remember of earlier epochs.
FORGETFUL = ("EarlyStopping", "ReduceLROnPlateau", "BackupAndRestore", "SwapEMAWeights")

_finished = set()  # folders of the trainings that this process has finished


def resumable_fit(
    model: keras.Model,
    x,
    y=None,
    *,
    folder: Path | None = None,
    name: str = "training",
    settings: dict | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    **kwargs,
) -> dict[str, list]:
    """`model.fit(x, y, **kwargs)` that saves in `folder` after every epoch and continues from there.

    The same call in a new process restores weights, optimizer, dropout masks, callbacks and history,
    and trains the remaining epochs; a finished training is restored and not repeated. Weights and
    history are those of an uninterrupted training, if the data are the same in every process and
    their order depends on the epoch only: `ShuffledBatches`, `TripleBatches`, or arrays with
    `shuffle=False`.

    A callback with the methods `get_state() -> JSON value` and `set_state(state)` is saved too, such as
    `BestWeights`; `set_state` is called after its `on_train_begin`. If it also has `save_arrays(path)`
    and `load_arrays(path)`, each backup has an .npz file of it. Others start anew in every process.

    Args:
        model: Compiled and built. Custom models save what their `save_own_variables` saves.
        x, y: As for `fit`. A data set with an attribute `epoch` has it set before each epoch.
        folder: None to train without saving. The training has the subfolder `name`, which is kept;
            delete it to train anew.
        name: Name of this training, unique in `folder`.
        settings: Further JSON values that must not differ between the processes. Always compared are
            backend and versions, random seed, data, number of epochs, batches, and the configuration
            of model, optimizer and loss: `blogkit.models.training_settings`.
        callbacks: As for `fit`.
        **kwargs: As for `fit`, such as `epochs`, `batch_size` and `validation_data`.

    Returns:
        The history of all epochs, those before a kill included: name to one value per epoch.

    Raises:
        ValueError: If the order of the data would differ in a resumed training, a callback forgets its
            state, the model is not built, the folder holds another training, is in use by another
            process or has only damaged backups, or `name` has been used already.

    Example:

    >>> import keras, numpy as np, tempfile
    >>> from blogkit.models import ShuffledBatches, resumable_fit
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", loss="mse")
    >>> batches = ShuffledBatches((np.ones((8, 3)), np.ones((8, 1))), batch_size=4, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history = resumable_fit(model, batches, folder=folder, epochs=3, verbose=0)
    >>> len(history["loss"])
    3
    """
    callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks)
    _check(model, x, callbacks, kwargs)
    kwargs["shuffle"] = False
    if model.optimizer is not None and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)  # else TensorFlow traces the first update twice
    if y is not None:
        kwargs["y"] = y
    recorder = _Recorder(x, callbacks)
    if folder is None:
        model.fit(x, callbacks=[*callbacks, recorder], **kwargs)
        return recorder.history
    if not name or Path(name).name != name or name.startswith("."):
        raise ValueError(f"`name` must be the name of a subfolder. Received: name={name!r}.")
    backups = TrainingBackups(Path(folder).resolve() / name)
    if backups.folder in _finished:
        raise ValueError(
            f"`name` must be unique in `folder`. Received: name={name!r}, whose training this process "
            "has finished. Choose another name."
        )
    with backups.locked():
        backups.check_settings({**training_settings(model, x, kwargs), **(settings or {})})
        recorder.resume(backups, backups.load(model, callbacks))
        epochs = kwargs.get("epochs", 1)
        first = epochs if recorder.stopped else recorder.epoch
        # Also if nothing is left to train: `fit` ends with moving averages and callbacks' last steps.
        model.fit(x, callbacks=[*callbacks, recorder], **{**kwargs, "initial_epoch": first})
    _finished.add(backups.folder)
    return recorder.history


class _Recorder(keras.callbacks.Callback):
    """Sets the epoch of the data, keeps the history, and saves after the other callbacks."""

    def __init__(self, data, others):
        super().__init__()
        self.data, self.others = data, others
        self.history, self.epoch, self.stopped = {}, 0, False
        self.backups, self.states, self.random_state = None, None, None

    def resume(self, backups, progress):
        self.backups = backups
        if progress:
            self.history, self.epoch = progress["history"], progress["epoch"]
            self.stopped, self.states = progress["stopped"], progress["callbacks"]
            self.random_state = progress["global"]

    def on_train_begin(self, logs=None):
        if self.random_state:  # here, because `fit` has drawn from the generators by now
            set_global_random_state(self.random_state)
        for callback, state in zip(_with_state(self.others), self.states or ()):
            callback.set_state(state)

    def on_epoch_begin(self, epoch, logs=None):
        if hasattr(self.data, "epoch"):
            self.data.epoch = epoch

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(np.asarray(value).tolist())
        if self.backups:
            progress = {
                "history": self.history,
                "stopped": bool(self.model.stop_training),
                "callbacks": [callback.get_state() for callback in _with_state(self.others)],
            }
            self.backups.save(self.model, epoch + 1, progress, self.others)


def _with_state(callbacks):
    return [callback for callback in callbacks if hasattr(callback, "get_state")]


def _check(model, x, callbacks, kwargs):
    if not model.built:
        raise ValueError(
            "`model` must be built, so that its weights can be loaded. "
            f"Received: {model.name!r}, not built. Call its `build`, or begin with `keras.Input`."
        )
    for argument in ("initial_epoch", "steps_per_epoch", "validation_split"):
        if kwargs.get(argument):
            raise ValueError(
                f"`{argument}` must not be given. Received: {argument}={kwargs[argument]!r}. "
                "`ShuffledBatches` divides a pass into epochs with its `parts`."
            )
    arrays = all(hasattr(part, "shape") for part in keras.tree.flatten(x))
    fixed = isinstance(x, keras.utils.PyDataset) or (arrays and kwargs.get("shuffle") is False)
    if not fixed or kwargs.get("shuffle"):
        raise ValueError(
            "`x` must be a keras.utils.PyDataset whose order depends on the epoch only, or arrays with "
            f"`shuffle=False`: Keras' own shuffling does not resume. Received: x={type(x).__name__}, "
            f"shuffle={kwargs.get('shuffle', True)}. Use `blogkit.models.ShuffledBatches`."
        )
    for callback in callbacks:
        kind = type(callback).__name__
        if kind in FORGETFUL and not hasattr(callback, "get_state"):
            raise ValueError(
                f"`callbacks` must not forget their state in a resumed training. Received: {kind}. "
                "Leave it out, or add `get_state` and `set_state` in a subclass."
            )
