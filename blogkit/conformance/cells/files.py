"""Cells that save and load a model in the middle of a window."""

import tempfile
from pathlib import Path

import keras
import numpy as np

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.cells.unequal import BOTH, weighted_mean
from blogkit.conformance.recipes import (
    EPOCHS,
    ROWS,
    SquaredError,
    adam,
    build,
    fit_on,
)
from blogkit.conformance.run import MICRO, flat

HALF = ROWS // 2  # six micro-batches: one window and a half


def _start(run, problem=problems.REGRESSION, rows=ROWS, loss=SquaredError):
    """A compiled model, its initial weights, and the data."""
    model = build(run, problem)
    start = flat(model.weights)
    run.compile(model, run.optimizer(adam), loss())
    return model, start, run.in_order(problem.data(run.data_rng(), rows))


def _rows(data, first, last):
    return {name: array[first:last] for name, array in data.items()}


def _in_two_parts(interrupt):
    """A recipe; `interrupt(run, model, data, folder)` gives the model after half an epoch."""

    def train(run):
        model, start, data = _start(run)
        if run.side == "large":  # 48 rows are no whole number of large batches
            fit_on(run, model, data)
            return start, flat(model.weights)
        with tempfile.TemporaryDirectory() as folder:
            model = interrupt(run, model, data, Path(folder))
        fit_on(run, model, _rows(data, HALF, ROWS), epochs=1)
        fit_on(run, model, data, epochs=EPOCHS - 1)
        return start, flat(model.weights)

    return train


def _save_and_load(run, model, data, folder):
    fit_on(run, model, _rows(data, 0, HALF), epochs=1)
    model.save(folder / "half.keras")
    return keras.saving.load_model(folder / "half.keras")


def _weights_into_another_model(run, model, data, folder):
    fit_on(run, model, _rows(data, 0, HALF), epochs=1)
    model.save_weights(folder / "half.weights.h5")
    other = _start(run)[0]
    other.optimizer.build(other.trainable_variables)
    other.load_weights(folder / "half.weights.h5")
    return other


def _model_checkpoint(run, model, data, folder):
    after = HALF // MICRO
    checkpoint = keras.callbacks.ModelCheckpoint(folder / "{batch}.keras", save_freq=after)
    fit_on(run, model, data, epochs=1, callbacks=[checkpoint])
    return keras.saving.load_model(folder / f"{after}.keras")


def _weighted_micro_batches(run):
    """`train_on_batch` with sample weights; saved when half of the second window is in."""
    model, start, data = _start(run, problems.WEIGHTED, loss=weighted_mean)
    size = run.batch_size()
    for step in range(EPOCHS * ROWS // size):
        if step * size == HALF:  # never for large batches of 32
            with tempfile.TemporaryDirectory() as folder:
                model.save(Path(folder, "half.keras"))
                model = run.with_extra_line(keras.saving.load_model(Path(folder, "half.keras")))
        first = step * size % ROWS
        model.train_on_batch(**_rows(data, first, first + size))
    return start, flat(model.weights)


class _Interrupted(Exception):
    pass


class _Interrupt(keras.callbacks.Callback):
    """Stops the fourth epoch as a lost machine would."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 3 and batch == 2:
            raise _Interrupted


def _fit_with_backup(run, data, epochs, rows=ROWS):
    """Two runs of `fit` in two models; the first is interrupted, the second goes on."""
    with tempfile.TemporaryDirectory() as folder:
        for interrupts in ([_Interrupt()], []):
            model = _start(run, rows=rows)[0]
            backup = keras.callbacks.BackupAndRestore(Path(folder, "backup"))
            try:
                fit_on(run, model, data, epochs=epochs, callbacks=[backup, *interrupts])
            except _Interrupted:
                continue
    return model


def _backup_in_mid_window(run):
    """Epochs of 48 rows, every other one of which ends in the middle of a window."""
    model, start, _ = _start(run)
    half = _rows(problems.REGRESSION.data(run.data_rng(), ROWS), 0, HALF)
    if run.side == "large":
        twice = {name: np.concatenate([array, array]) for name, array in half.items()}
        fit_on(run, model, run.in_order(twice))
    else:
        model = _fit_with_backup(run, half, 2 * EPOCHS)
    return start, flat(model.weights)


def _backup_of_closed_window(run):
    model, start, data = _start(run, rows=BOTH)
    if run.side == "large":
        fit_on(run, model, data, epochs=6)
    else:
        model = _fit_with_backup(run, data, 6, BOTH)
    return start, flat(model.weights)


CELLS = [
    Cell(
        "save and load",
        "The model goes through a .keras file when a window is half full.",
        _in_two_parts(_save_and_load),
    ),
    Cell(
        "save_weights, load_weights",
        "Weights and optimizer state go through a file into another model.",
        _in_two_parts(_weights_into_another_model),
    ),
    Cell(
        "ModelCheckpoint",
        "fit writes a checkpoint when a window is half full; another model goes on from it.",
        _in_two_parts(_model_checkpoint),
    ),
    Cell(
        "save and load, unequal",
        "train_on_batch under mean_with_sample_weight; the file holds half a window's weight.",
        _weighted_micro_batches,
        extra_line=True,
    ),
    Cell(
        "BackupAndRestore",
        "Training is lost and restored from an epoch that ended in the middle of a window.",
        _backup_in_mid_window,
    ),
    Cell(
        "BackupAndRestore, ragged + partial",
        "The extra line closes the window of an epoch before the backup is written.",
        _backup_of_closed_window,
        extra_line=True,
    ),
]
