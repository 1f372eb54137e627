"""State of the files of a set: right, missing or wrong."""

import dataclasses
from pathlib import Path

from blogkit.datasets.catalogue import DataSet, File, checksum_fault
from blogkit.datasets.orl_faces import official_faces
from blogkit.datasets.triples import read_sentences
from data_download.content import content_fault
from data_download.first_fetch import first_fault, is_recorded
from data_download.packages import members_whole

# For files without a checksum, by the set's reader: the function that counts rows, and what else it checks.
ROWS = {"ske2019": (read_sentences, "keys"), "orl_faces": (lambda path: official_faces(path)[0], "sizes")}
RIGHT, MISSING, WRONG = "right", "missing", "wrong"


@dataclasses.dataclass(frozen=True)
class FileState:
    """One file of a set: `state` is right, missing or wrong; `detail` is the evidence or the reason."""

    file: File
    path: Path
    state: str
    detail: str


def file_state(entry: DataSet, file: File) -> FileState:
    """Check one file by its checksum, else by keys and row count, else by reading it whole."""
    path = entry.path(file)
    if not path.is_file():
        return FileState(
            file, path, MISSING, "not needed" if file.optional else "put it there by hand" * file.by_hand
        )
    if fault := checksum_fault(file, path) or ("" if file.checksums else first_fault(path, path)):
        return FileState(file, path, WRONG, fault)
    if file.members and not members_whole(file, entry.folder):
        return FileState(file, path, MISSING, "its members are not read yet")
    if file.checksums:
        return FileState(file, path, RIGHT, next(iter(file.checksums)))
    try:
        return FileState(file, path, RIGHT, _by_content(entry, file, path))
    except ValueError as error:
        return FileState(file, path, WRONG, str(error))


def _by_content(entry, file, path):
    if file.lines is not None:
        read, besides = ROWS[entry.reader]
        rows = len(read(path))
        if rows != file.lines:
            raise ValueError(f"{rows:,} rows, expected {file.lines:,}")
        return f"no checksum published; {besides} and {rows:,} rows"
    if fault := content_fault(file.name, path):
        raise ValueError(fault)
    first = ", sha256 as at the first fetch" * is_recorded(path)
    return f"no checksum published; read whole{first}"


def states(entry: DataSet) -> list[FileState]:
    return [file_state(entry, file) for file in entry.files]
