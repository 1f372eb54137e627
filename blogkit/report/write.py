"""Atomic writing of text files."""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomically(path: str | os.PathLike, text: str) -> Path:
    """Write `text` in UTF-8 to `path` in one step, creating its folder if necessary.

    Readers see the old file or the complete new one. If writing fails, on a full
    disk for example, the old file stays as it was.

    Raises:
        OSError: If the file cannot be written, with the first reason.
        UnicodeEncodeError: If `text` holds half a surrogate pair.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "new" / "claims.json", "{}").read_text()
    '{}'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(temporary, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # a disk that takes no file may let none go: the cause is raised
            temporary.unlink(missing_ok=True)
        raise
    return path
