"""Files that are whole or absent, never half-written."""

import os
import secrets
from pathlib import Path


def write_atomically(path: str | os.PathLike, text: str) -> Path:
    """Write `text` (UTF-8) to `path`, which other readers see only when it is complete.

    A full disk or a kill leaves the old file, or none, in place.

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
        temporary.unlink(missing_ok=True)
        raise
    return path
