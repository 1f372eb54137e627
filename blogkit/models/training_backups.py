"""Backups of a training in a folder, complete or absent whenever the process is killed.

`keras.callbacks.BackupAndRestore` writes weights and epoch one after the other and in place: a kill
between the two resumes with the weights of one epoch and the number of another.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from keras import ops

from blogkit.models.saved_seeds import seed_states
from blogkit.ops import global_random_state

KEPT = 2  # the newest and, in case it is damaged, the one before
WEIGHTS, PROGRESS, SETTINGS, LOCK = "state.weights.h5", "progress.json", "settings.json", "lock"
ARRAYS = "callback-{}.npz"  # of a callback that keeps arrays
SUMS = "SHA256SUMS"  # of all other files of a backup, as the program sha256sum writes it
SECONDS_TO_WAIT = 60.0  # a killed notebook's kernel may live for a few seconds longer


class TrainingBackups:
    """The last two backups of one training: weights, optimizer, random states and a JSON of progress.

    A backup is a folder `epoch-000003`, written beside and moved into place, with the checksums of its
    files. `load` takes the newest undamaged one.

    Args:
        folder: Folder of this training alone; created when first needed.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Context manager that keeps other processes out of the folder; a kill ends it, too.

        Raises:
            ValueError: If another process has been in it for a minute.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / LOCK, "a") as file:
            deadline = time.monotonic() + SECONDS_TO_WAIT
            while not _lock(file):
                if time.monotonic() > deadline:
                    raise ValueError(
                        f"`folder` must belong to one training. Received: folder={str(self.folder)!r}, which "
                        "another process is using. Wait for it or end it, or choose another folder."
                    )
                time.sleep(0.2)
            for leftover in self.folder.glob(".*"):
                shutil.rmtree(leftover, ignore_errors=True)
            yield

    def check_settings(self, settings: dict) -> None:
        """Write `settings`, or compare them with those that the folder has.

        Raises:
            ValueError: If a value differs; names both. If they are damaged, or missing beside backups.
        """
        path = self.folder / SETTINGS
        settings = json.loads(json.dumps(settings))
        if not path.exists() and not self._all():
            new = path.with_suffix(".new")
            new.write_text(json.dumps(settings, indent=1), encoding="utf-8")
            os.replace(new, path)
            return
        try:
            there = json.loads(path.read_text(encoding="utf-8"))
            there = there | {}
        except (OSError, ValueError, TypeError) as error:
            raise ValueError(
                f"`folder` must hold {SETTINGS}, which says what training it is. Received: "
                f"folder={str(self.folder)!r}, in which it cannot be read. Delete the folder to train anew."
            ) from error
        for name in sorted({*settings, *there}):
            if settings.get(name) != there.get(name):
                raise ValueError(
                    "`folder` must hold a training with the same settings. "
                    f"Received: {name}={settings.get(name)!r}, and {name}={there.get(name)!r} in the folder. "
                    f"Choose another folder, or delete {str(self.folder)!r} to train anew."
                )

    def save(self, model, epoch: int, progress: dict, callbacks: Sequence = ()) -> None:
        """Save the state of `model` after `epoch` epochs, and remove all but the last two backups.

        Args:
            model: Its weights, optimizer and seeds are saved.
            epoch: Number of finished epochs.
            progress: JSON values.
            callbacks: Those with a method `save_arrays(path)` are saved too.
        """
        new = self.folder / f".new-{secrets.token_hex(4)}"
        new.mkdir()
        try:
            model.save_weights(new / WEIGHTS)
            seeds = [ops.convert_to_numpy(state).tolist() for state in seed_states(model)]
            progress = {
                **progress,
                "epoch": epoch,
                "seeds": seeds,
                "global": global_random_state(),
            }
            (new / PROGRESS).write_text(json.dumps(progress), encoding="utf-8")
            for number, callback in _with_arrays(callbacks):
                callback.save_arrays(new / ARRAYS.format(number))
            (new / SUMS).write_text(_sums(new), encoding="utf-8")
            os.rename(new, self.folder / f"epoch-{epoch:06d}")
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        for old in self._all()[KEPT:]:
            shutil.rmtree(old)

    def load(self, model, callbacks: Sequence = ()) -> dict | None:
        """Load the newest undamaged backup into `model` and `callbacks`; remove newer, damaged ones.

        Returns:
            Its progress; None if there is no backup.

        Raises:
            ValueError: If all backups are damaged.
        """
        damaged = []
        for backup in self._all():
            progress = _read(backup)
            if progress is None:
                damaged.append(backup)
                continue
            if not model.optimizer.built:
                model.optimizer.build(model.trainable_variables)
            model.load_weights(backup / WEIGHTS)
            for state, value in zip(seed_states(model), progress["seeds"], strict=True):
                state.assign(np.array(value, state.dtype))
            for number, callback in _with_arrays(callbacks):
                callback.load_arrays(backup / ARRAYS.format(number))
            for path in damaged:
                shutil.rmtree(path)
            return progress
        if damaged:
            raise ValueError(
                f"`folder` must hold an undamaged backup. Received: folder={str(self.folder)!r}, in which "
                f"{' and '.join(path.name for path in damaged)} cannot be read. Delete it to train anew."
            )
        return None

    def _all(self):
        """Backups, newest first."""
        return sorted(self.folder.glob("epoch-*"), reverse=True)


def _with_arrays(callbacks):
    return [(number, one) for number, one in enumerate(callbacks) if hasattr(one, "save_arrays")]


def _read(backup):
    """The progress of a backup; None if it is damaged."""
    try:
        if (backup / SUMS).read_text(encoding="utf-8") != _sums(backup):
            return None
        return json.loads((backup / PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _sums(backup):
    lines = []
    arrays = sorted(path.name for path in backup.glob(ARRAYS.format("*")))
    for name in (WEIGHTS, PROGRESS, *arrays):
        with open(backup / name, "rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines)


def _lock(file):
    """Whether this process now holds the lock on `file`; True where a system has none."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network file system without locks
        return True
    return True
