"""Where a notebook saves its trainings, and which run a folder of trainings belongs to."""

import json
import os
from pathlib import Path

from blogkit.report.write import write_atomically

CHECKPOINTS = "BLOGKIT_CHECKPOINTS"  # the runner sets it for the kernel of a long run
OWN = "checkpoint"  # the parameter that names the folder itself

_notebook = ""  # of the last report, and what its trainings depend on
_settings: dict = {}
_folders: set[Path] = set()


def checkpoint_folder(chosen: str = "") -> Path | None:
    """The folder in which this run saves its trainings, or None to save nothing.

    `blogkit.models.resumable_fit` takes it as its `folder`. It gets a file `NOTEBOOK.run.json` with the
    backend, the parameters of the notebook's `Report` and the hashes of the data that it records, so
    that a run with other ones does not continue the trainings of this one.

    Args:
        chosen: The notebook's own parameter, such as "~/saved"; it goes before the runner's folder.

    Returns:
        `chosen`, with "~" expanded, else the folder that `python -m blogkit run` gives profiles with
        long trainings, else None.

    Raises:
        ValueError: If the folder belongs to a run with another backend, parameter or data; names both
            values. `Report.data` raises it for data that are recorded later.

    Example:

    >>> import tempfile
    >>> from blogkit.report import checkpoint_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoint_folder(folder + "/saved").name
    'saved'
    """
    folder = chosen or os.environ.get(CHECKPOINTS, "")
    if not folder:
        return None
    folder = Path(folder).expanduser()
    _folders.add(folder)
    _compare(folder)
    return folder


def begin_run(notebook: str, settings: dict) -> None:
    """Say what the trainings of a notebook depend on, when its report begins."""
    global _notebook, _settings
    _notebook, _settings = notebook, {name: v for name, v in settings.items() if name != OWN}
    _folders.clear()


def add_to_run(name: str, value) -> None:
    """Say that the trainings depend on something more.

    Raises:
        ValueError: If a folder that this run has asked for belongs to a run with another value.
    """
    _settings[name] = value
    for folder in _folders:
        _compare(folder)


def _compare(folder):
    if not _notebook:
        return
    path = folder / f"{_notebook}.run.json"
    try:
        there = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        differing = [name for name in _settings if name in there and there[name] != _settings[name]]
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}. Delete {str(folder)!r} to train anew.") from error
    for name in differing:
        raise ValueError(
            "The folder of checkpoints must belong to a run with the same settings. Received: "
            f"{name}={_settings[name]!r}, and {name}={there[name]!r} in the folder. "
            f"Choose another folder, or delete {str(folder)!r} to train anew."
        )
    if not set(_settings) <= set(there):
        write_atomically(path, json.dumps(there | _settings, ensure_ascii=False, indent=1))
