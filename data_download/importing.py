"""Import local files: official ones into their place, others as a stand-in set."""

import json
import os
import shutil
from pathlib import Path

from blogkit.datasets.catalogue import IMPORTED, DataSet, checksum_fault
from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.compressed import LARGEST, open_gzip
from blogkit.datasets.reading import is_about_access, one_line, reading, reason
from data_download.fetch import DownloadError, Transfer
from data_download.fresh import fresh_folder, removed
from data_download.get import SPARE, check_room, locked
from data_download.readers import describe

RECORD = ".imported.json"


def import_files(entry: DataSet, paths: list[str | Path], transfer: Transfer) -> None:
    """Copy files, or those of a folder, into the data folder.

    A file with an official checksum, gzip or not, becomes that official file.
    All others together become the set that readers call `"imported"`: they are
    read once to check their format, and replace the previous import.

    If the official set is complete afterwards, other files that do not fit (such as
    a README) are left out.

    Raises:
        DownloadError: If a path is missing or files do not fit. Then nothing has
            changed, except that official files are in their place now.
    """
    if any(str(path) == "" for path in paths):
        raise DownloadError("PATH must not be empty ('.' is the working folder). Received: ''.")
    files = _listed([Path(path) for path in paths])
    with locked(entry, transfer):
        check_room(entry, sum(path.stat().st_size for path in files))
        try:
            others, faults = _place_official(entry, files, transfer)
            if others:
                _place_others(entry, files, others, faults, transfer)
        except OSError as error:
            raise DownloadError(f"{entry.folder} cannot be written: {error.strerror or error}.") from error


def _place_others(entry, files, others, faults, transfer):
    """Import the other files as a stand-in; if they are not enough, together with the official ones."""
    try:
        _place_stand_in(entry, others, transfer)
    except DownloadError as error:
        text = "\n  ".join([str(error), *faults])
        if len(others) == len(files):
            raise DownloadError(text) from error
        if entry.whole:
            transfer.say(f"{entry.name}: left out {', '.join(path.name for path in others)}. {text}")
            return
        try:
            _place_stand_in(entry, files, transfer)
        except DownloadError:
            raise DownloadError(text) from error


def _listed(paths):
    files = []
    for path in map(Path.absolute, paths):
        if not path.exists():
            raise DownloadError(f"{path} does not exist.")
        if not (path.is_dir() or path.is_file()):
            raise DownloadError(f"{path} is neither a file nor a folder.")
        files += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    files = [path for path in files if path.name != RECORD]  # of an earlier import
    if strange := [path for path in files if one_line(str(path), len(str(path))) != str(path)]:
        raise DownloadError(f"{str(strange[0])!a} has a name that is not UTF-8 or not one line. Rename it.")
    if not files:
        raise DownloadError(f"{', '.join(map(str, paths))} holds no files.")
    return files


def _place_official(entry, files, transfer):
    """Put official files into their place: `(the others, why those of an official name are not it)`."""
    others, faults = [], []
    for path in files:
        file, fault = _official(entry, path, unzip=False)
        if not file and path.suffix == ".gz" and any(known.checksums for known in entry.files):
            file, fault = _official(entry, path, unzip=True)
        if file:
            transfer.say(f"{entry.name}: {path} is the official {file.name}")
        else:
            others.append(path)
            faults += [f"{path} is not the official file: {fault}."] if fault else []
    return others, faults


def _official(entry, path, unzip):
    """`(the official file that lies in its place now, or None; why a file of that name is not it)`."""
    partial, fault = removed(entry.folder / ".importing"), ""
    named = path.stem if unzip else path.name
    try:
        _copy(path, partial, _largest(entry) if unzip else None)
        for file in entry.files:
            if file.checksums and not (found := checksum_fault(file, partial)):
                entry.path(file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(partial, entry.path(file))
                return file, ""
            if file.checksums and Path(file.name).name == named:
                fault = found
    except Exception as error:  # not a complete gzip file, or one that unpacks to too much
        if isinstance(error, DownloadError) or is_about_access(error):
            raise
        fault = reason(error) if any(Path(file.name).name == named for file in entry.files) else ""
    finally:
        partial.unlink(missing_ok=True)
    return None, fault


def _largest(entry):
    """Bytes that a gzip file may unpack to: an official file's size, and what the disk has."""
    sizes = [file.size for file in entry.files if file.checksums]
    room = shutil.disk_usage(entry.folder).free - SPARE
    return max(0, min(LARGEST if None in sizes else max(sizes, default=0), room))


def _copy(path, place, unzipped=None):
    """Copy a file, or the content of a gzip file up to `unzipped` bytes."""
    try:
        opened = open(path, "rb") if unzipped is None else open_gzip(path, unzipped)  # noqa: SIM115 by `with`
        with opened as source, open(place, "xb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        if not is_about_access(error):  # damage
            raise
        raise DownloadError(f"{path} cannot be copied to {place}: {error}") from error


def _place_stand_in(entry, files, transfer):
    work, place, before = (entry.folder / name for name in (f".{IMPORTED}", IMPORTED, f".{IMPORTED}-before"))
    fresh_folder(work)
    try:
        base = Path(os.path.commonpath([path.parent for path in files]))
        for path in files:
            target = work / path.relative_to(base)
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(path, target)
        try:
            what = describe(entry, work)
        except (ValueError, OSError) as error:
            text = str(error).replace(str(work), str(base))  # the user's files, not their copies
            names = ", ".join(path.name for path in files[:5]) + ", ..." * (len(files) > 5)
            raise DownloadError(f"{names}: not in the format of {entry.title}: {text}") from error
        what = what.replace(work.name, IMPORTED)
        copies = [path for path in sorted(work.rglob("*")) if path.is_file()]
        record = {
            "what": what,
            "sha256": {str(path.relative_to(work)): file_checksum(path) for path in copies},
        }
        (work / RECORD).write_text(json.dumps(record, indent=2, ensure_ascii=False), encoding="utf-8")
        removed(before)
        if place.is_symlink():
            place.unlink()
        if place.exists():
            os.replace(place, before)
        os.replace(work, place)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    transfer.say(f'{entry.name}: {what}, a stand-in, under the name "{IMPORTED}"')


def imported_faults(entry: DataSet) -> tuple[str, list[str]] | None:
    """A description of the import and its changes since then; None if nothing was imported."""
    folder = entry.folder / IMPORTED
    if not folder.is_dir():
        return None
    try:
        what, checksums = _record(folder / RECORD)
    except FileNotFoundError:
        return "stand-in", [f"{folder} has no record: it does not come from an import"]
    except (OSError, ValueError) as error:
        again = f"import the files again: python -m data_download import {entry.name} PATH"
        return "stand-in", [f"{error}; {again}"]
    faults = []
    for name, expected in checksums.items():
        path = folder / name
        found = file_checksum(path) if path.is_file() else "missing"
        if found != expected:
            faults.append(f"{path}: sha256 {found}, expected {expected}")
    here = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    faults += [f"{folder / name}: was added after the import" for name in sorted(here - {RECORD, *checksums})]
    return what, faults


def _record(path):
    """`(description, checksums by name)` of an import."""
    with reading(path, "the record of an import"):
        record = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(record, ensure_ascii=False).encode("utf-8")  # lone surrogates cannot be shown
        what, checksums = record["what"], record["sha256"]
        if not isinstance(what, str) or not isinstance(checksums, dict):
            raise ValueError("it must hold a description and the checksums of files")
        if strange := [name for name in checksums if Path(name).is_absolute() or ".." in Path(name).parts]:
            raise ValueError(f"it names {strange[0]!r}, which is not in its folder")
        return what, checksums
