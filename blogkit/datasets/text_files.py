"""Text lines of plain, gzip and zip files, JSON rows, and the files of a data folder."""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, official_file, source_path
from blogkit.datasets.compressed import members, open_gzip
from blogkit.datasets.reading import reading
from blogkit.files_read import matches, note

LONGEST_LINE = 1 << 24  # characters


def text_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    """Yield `(number, line)` of a UTF-8 file, numbered from 1. Only a line feed ends a line.

    The file may be gzip (`.gz`), or the only file in a zip archive (`.zip`).

    Raises:
        ValueError: If the file is damaged, not UTF-8 text or too large; names the line.
    """
    path, number = note(path), 0
    with io.TextIOWrapper(_opened(path), encoding="utf-8-sig", newline="\n") as text:
        while True:
            number += 1
            with reading(where := f"{path}, line {number}", "a complete UTF-8 text file"):
                line = text.readline(LONGEST_LINE + 1)
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"{where} has more than {LONGEST_LINE:,} characters.")
                if "\0" in line:
                    raise ValueError(f"{where} has a character NUL: it must be UTF-8 text, not UTF-16.")
            if not line:
                return
            yield number, line.rstrip("\r\n")


def _opened(path):
    if path.suffix == ".gz":
        return open_gzip(path)
    if path.suffix != ".zip":
        return open(path, "rb")
    with reading(path, "a complete zip archive"), contextlib.ExitStack() as stack:
        archive = stack.enter_context(zipfile.ZipFile(path))
        files = [e for e in members(archive) if not e.is_dir() and "__MACOSX" not in e.filename]
        if len(files) != 1:
            names = ", ".join(entry.filename for entry in files[:5]) + ", ..." * (len(files) > 5)
            raise ValueError(f"{path} needs one file inside. Received: {names or 'none'}.")
        return archive.open(files[0])  # it keeps the archive's file open


def json_rows(path: Path, keys: Iterable[str], row: Callable[[dict, str], object]) -> list:
    """What `row` makes of each line of a file, a JSON object with these keys.

    Args:
        path: A file as for `text_lines`. Empty lines are skipped.
        keys: Keys that every object must have.
        row: Function of the object and of its place, for error messages.

    Raises:
        ValueError: If there are no rows, or a line is malformed; names the line.
    """
    keys, rows = tuple(keys), []
    for number, line in text_lines(path):
        if not line.strip():
            continue
        with reading(where := f"{path}, line {number}", "a valid row"):
            rows.append(row(_json_object(line, keys, where), where))
    if not rows:
        raise ValueError(f"{path} contains no rows.")
    return rows


def _json_object(line, keys, where):
    with reading(where, "JSON"):
        found = json.loads(line)
    if not isinstance(found, dict) or not set(keys) <= set(found):
        shown = ", ".join(sorted(found)) if isinstance(found, dict) else type(found).__name__
        raise ValueError(f"{where} needs the keys {', '.join(keys)}. Received: {shown}.")
    if "\\u" in line:  # JSON can write half of a surrogate pair, which no file and no database can hold
        with reading(where, "text that UTF-8 can hold"):
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    return found


def find(folder: Path, name: str) -> Path | None:
    """File of that name in a folder, plain or gzip; None if it is missing."""
    for path in (folder / name, folder / f"{name}.gz"):
        if note(path).is_file():
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
    files = [p for p in matches(path) if p.is_file() and not any(b in p.name for b in besides)]
    if len(files) == 1 and not found[1]:  # a validation part alone is nothing to train on
        return files[0], None, False
    raise ValueError(
        f"{path} needs {' and '.join(filter(None, (train, valid)))}, or one file of rows, of "
        f"{data_set(name).title}. "
        f"Received: {', '.join(file.name for file in files) or 'none'}."
    )
