"""Takes files that are here already: official ones into their place, others as a stand-in by name."""

import gzip
import json
import os
import shutil
from pathlib import Path

from blogkit.datasets.catalogue import IMPORTED, DataSet, checksum_fault
from blogkit.datasets.checksum import file_checksum
from data_download.fetch import DownloadError, Transfer
from data_download.get import locked
from data_download.readers import describe

RECORD = ".imported.json"


def import_files(entry: DataSet, paths: list[Path], transfer: Transfer) -> None:
    """Copy files, or those of a folder, into the data folder.

    A file with an official checksum, gzip or not, becomes that official file.
    All others together become the set that readers know as `"imported"`: they
    are read once to see that they have the set's format, and replace what was
    imported before.

    Raises:
        DownloadError: If a path is missing or the files do not fit. Then
            nothing has changed.
    """
    files = _listed(paths)
    with locked(entry, transfer):
        others = [path for path in files if not _place_official(entry, path, transfer)]
        if others:
            _place_stand_in(entry, others, transfer)


def _listed(paths):
    files = []
    for path in paths:
        if not path.exists():
            raise DownloadError(f"{path} does not exist.")
        files += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    if not files:
        raise DownloadError(f"{', '.join(map(str, paths))} holds no files.")
    return files


def _place_official(entry, path, transfer):
    """Whether it is an official file, which then lies in its place."""
    partial = entry.folder / ".importing"
    for unzip in (False, True) if path.suffix == ".gz" else (False,):
        try:
            _copy(path, partial, unzip)
            for file in entry.files:
                if file.checksums and not checksum_fault(file, partial):
                    entry.path(file).parent.mkdir(parents=True, exist_ok=True)
                    os.replace(partial, entry.path(file))
                    transfer.say(f"{entry.name}: {path} is the official {file.name}")
                    return True
        finally:
            partial.unlink(missing_ok=True)
    return False


def _copy(path, place, unzip):
    try:
        with (gzip.open if unzip else open)(path, "rb") as source, open(place, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except (OSError, EOFError) as error:
        raise DownloadError(f"{path} cannot be copied to {place}: {error}") from error


def _place_stand_in(entry, files, transfer):
    work, place = entry.folder / f".{IMPORTED}", entry.folder / IMPORTED
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        base = Path(os.path.commonpath([path.parent for path in files]))
        for path in files:
            target = work / path.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, target, unzip=False)
        try:
            what = describe(entry, work)
        except (ValueError, FileNotFoundError) as error:
            raise DownloadError(f"These files are not in the format of {entry.title}: {error}") from error
        what = what.replace(work.name, IMPORTED)
        copies = [path for path in sorted(work.rglob("*")) if path.is_file()]
        record = {"what": what, "sha256": {str(path.relative_to(work)): file_checksum(path) for path in copies}}
        (work / RECORD).write_text(json.dumps(record, indent=2, ensure_ascii=False), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        os.replace(work, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    transfer.say(f'{entry.name}: {what}, a stand-in, under the name "{IMPORTED}"')


def imported_faults(entry: DataSet) -> tuple[str, list[str]] | None:
    """What was imported, and what has changed since; None if nothing was."""
    folder = entry.folder / IMPORTED
    if not folder.is_dir():
        return None
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        what, checksums = record["what"], record["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return "stand-in", [f"{folder} has no record: it was not put there by import"]
    faults = []
    for name, expected in checksums.items():
        path = folder / name
        found = file_checksum(path) if path.is_file() else "missing"
        if found != expected:
            faults.append(f"{path}: sha256 {found}, expected {expected}")
    return what, faults
