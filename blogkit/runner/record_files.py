"""Replace a record as a whole: its JSON and its figures, whatever happens meanwhile.

All files are first written into a hidden folder beside the old ones. Renaming that
folder is the one step that decides: killed before, the old record stays; killed
after, `finish` puts the new files in place, called by the next `record`.
"""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

from blogkit.report.record import Record

WRITING, READY = ".writing", ".ready"  # endings of the hidden folders


def replace_record(folder: Path, record: Record, pictures: Sequence[bytes]) -> Path:
    """Write `record` and the PNG of each of its figures; return the path of its JSON.

    If it fails, on a full disk for example, the old record stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    finish(folder)
    for killed in folder.glob(f".*{WRITING}"):
        if killed.name.startswith(f".{record.name}."):
            shutil.rmtree(killed, ignore_errors=True)
    writing = folder / f".{record.name}.{secrets.token_hex(4)}{WRITING}"
    writing.mkdir()
    try:
        for figure, png in zip(record.figures, pictures, strict=True):
            _write(writing / figure.file, png)
        text = json.dumps(record.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
        _write(writing / f"{record.name}.json", f"{text}\n".encode())
        os.rename(writing, folder / f".{record.name}{READY}")
    except BaseException:
        shutil.rmtree(writing, ignore_errors=True)
        raise
    finish(folder)
    return folder / f"{record.name}.json"


def finish(folder: Path) -> None:
    """Put the complete new records that a killed process left in `folder` in place."""
    for ready in folder.glob(f".*{READY}"):
        _remove_figures_beyond(folder, ready)
        for path in sorted(ready.iterdir()):
            with contextlib.suppress(FileNotFoundError):  # another process is finishing, too
                os.replace(path, folder / path.name)
        with contextlib.suppress(FileNotFoundError):
            ready.rmdir()


def half_replaced(folder: Path, notebook: str) -> list[str]:
    """Names of the records of `notebook` that `finish` would put in place."""
    names = sorted(_name(ready) for ready in folder.glob(f".*{READY}"))
    return [name for name in names if name.partition(".")[0] == notebook]


def _name(ready):
    return ready.name.removeprefix(".").removesuffix(READY)


def _remove_figures_beyond(folder, ready):
    """Figures that only the old record has, known as long as the new JSON is not in place."""
    name = _name(ready)
    new = ready / f"{name}.json"
    if not new.exists():
        return
    kept = {figure["file"] for figure in json.loads(new.read_text(encoding="utf-8"))["figures"]}
    for path in folder.glob("*.png"):
        number = path.name.removeprefix(f"{name}.").removesuffix(".png")
        if path.name == f"{name}.{number}.png" and number.isdigit() and path.name not in kept:
            path.unlink()


def _write(path, content):
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
