"""Replace an executed notebook and its result file as a pair, whatever happens meanwhile.

Both are written into a folder of their own. Renaming that folder to `.NAME.ready` is the one step that
decides: killed before, the old pair stays; killed after, `finish` puts the new files in place, called
by whoever reads or writes a result next.
"""

import contextlib
import os
import shutil
from pathlib import Path

READY = ".ready"


def put_in_place(work: Path, folder: Path, name: str) -> None:
    """Make the files `NAME.ipynb` and `NAME.json` of `work` those of `folder`; `work` is gone afterwards."""
    for path in _pair(work, name):
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
    os.rename(work, folder / f".{name}{READY}")
    finish(folder, name)


def finish(folder: Path, name: str) -> None:
    """Put the files in place that a killed process had made ready; nothing if there are none."""
    ready = folder / f".{name}{READY}"
    if not ready.is_dir():
        return
    for new in _pair(ready, name):
        with contextlib.suppress(FileNotFoundError):  # another process is finishing, too
            os.replace(new, folder / new.name)
    shutil.rmtree(ready, ignore_errors=True)


def finish_all(folder: Path) -> None:
    """`finish` for every notebook in `folder`."""
    for ready in folder.glob(f".*{READY}"):
        finish(folder, ready.name.removeprefix(".").removesuffix(READY))


def _pair(folder, name):
    return folder / f"{name}.ipynb", folder / f"{name}.json"
