"""Text lines of plain, gzip and zip files, JSON rows, and the files of a data folder."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, official_file, source_path


def text_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield `(number, line)` of a UTF-8 file, numbered from 1. Only a line feed ends a line.

    The file may be gzip (`.gz`), or the only file in a zip archive (`.zip`).

    Raises:
        ValueError: If the file is damaged or not UTF-8; names the line.
    """
    number = 0
    try:
        with _opened(Path(path)) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="\n") as text:
            for number, line in enumerate(text, 1):
                yield number, line.rstrip("\r\n")
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}, line {number + 1}: not a complete UTF-8 text file: {error}") from error


def _opened(path):
    if path.suffix == ".gz":
        return gzip.open(path)
    if path.suffix != ".zip":
        return open(path, "rb")
    archive = zipfile.ZipFile(path)
    names = [
        entry.filename
        for entry in archive.infolist()
        if not entry.is_dir() and "__MACOSX" not in entry.filename
    ]
    if len(names) != 1:
        raise ValueError(f"{path} needs one file inside. Received: {', '.join(names) or 'none'}.")
    return archive.open(names[0])


def json_rows(path: Path, keys: Iterable[str]) -> Iterator[tuple[str, dict]]:
    """Yield `(where, row)` of a file with one JSON object per line; `where` is for error messages.

    Raises:
        ValueError: If a line is not an object with these keys.
    """
    for number, line in text_lines(path):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"{where}: not JSON: {error}") from error
        if not isinstance(row, dict) or not set(keys) <= set(row):
            found = ", ".join(sorted(row)) if isinstance(row, dict) else type(row).__name__
            raise ValueError(f"{where} needs the keys {', '.join(keys)}. Received: {found}.")
        yield where, row


def find(folder: Path, name: str) -> Path | None:
    """File of that name in a folder, plain or gzip; None if it is missing."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


def part_files(
    name: str, source: str | Path, train: str, valid: str | None = None, besides: Iterable[str] = ()
) -> tuple[Path, Path | None, bool]:
    """Find the parts of a set: `(training file, validation file or None, official)`.

    Args:
        name: Name of the data set.
        source: `"official"`, `"imported"`, a file of rows, or a folder that
            holds the named parts or one file of rows.
        train, valid: File names of the official parts.
        besides: Files whose names contain one of these are not rows.

    Raises:
        MissingDataset: If the file or folder does not exist.
        ValueError: If a folder holds neither the parts nor one file of rows.
    """
    source = chosen(name, source)
    if source == OFFICIAL:
        return official_file(name, train), valid and official_file(name, valid), True
    path = source_path(name, source)
    if not path.is_dir():
        return path, None, False
    found = find(path, train), valid and find(path, valid)
    if found[0] and (found[1] or not valid):
        return *found, False
    files = [
        p
        for p in sorted(path.iterdir())
        if p.is_file() and p.name[0] != "." and not any(b in p.name for b in besides)
    ]
    if len(files) == 1:
        return files[0], None, False
    raise ValueError(
        f"{path} needs {' and '.join(filter(None, (train, valid)))}, or one file of rows, of "
        f"{data_set(name).title}. "
        f"Received: {', '.join(file.name for file in files) or 'none'}."
    )
