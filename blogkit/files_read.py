"""Files that this process has read as data, with what identifies their content, for result files.

A reader calls `note` for each path that it opens or looks for, and `matches` where it chooses among
the files of a folder. `files_read` then lists what the run depends on, and `changes` says what has
become different since: a file's content, a file that was missing and is there now, another choice.
"""

import hashlib
import os
import time
from pathlib import Path

# A time stamp says nothing about a change within the clock tick of the file system (FAT: 2 s), so the
# hash of a file that is younger than this is not kept.
SETTLED = 2.0
INSTALLED = {"site-packages", "dist-packages"}  # the version of a package covers its files

_noted: dict[str, tuple] = {}  # name -> (path, pattern or None, state when it was read)
_roots: dict[str, Path] = {}
_hashes: dict[tuple, str] = {}
_here = Path.cwd() if Path(".").exists() else None


def set_root(variable: str, folder: Path) -> Path:
    """Call paths below `folder` `$VARIABLE/...`, so that a folder with equal files counts as equal."""
    _roots[variable] = folder
    return folder


def note(path: str | os.PathLike) -> Path:
    """Say that this run depends on `path`, whether it is a file, a folder or missing; returns the path.

    Example:

    >>> note("missing.csv").name, files_read()[-1]
    ('missing.csv', {'path': 'missing.csv', 'kind': 'missing'})
    """
    path = Path(path)
    _note(path, None)
    return path


def matches(folder: str | os.PathLike, pattern: str = "*") -> list[Path]:
    """The files and folders in `folder` that match a glob pattern, sorted; a change of them is noted.

    Hidden ones are left out, as is what an unfinished download leaves.
    """
    folder = Path(folder)
    _note(folder, pattern)
    return _matching(folder, pattern)


def files_read() -> list[dict]:
    """What this process has noted, as JSON types, in the order of first use.

    An entry has `path`, relative to the working folder or to a root if it was given so or lies there,
    and `kind`:

    - `file`: with `size`, `sha256` and `stamp`, by which a later check may do without reading it.
      `sha256` is None if the file has changed since it was read.
    - `folder`, `missing`: the path alone.
    - `names`: with the `pattern` of a choice and the `sha256` of the names that matched.
    """
    return [_entry(name, *noted) for name, noted in _noted.items()]


def changes(entries: list[dict], here: Path) -> list[str]:
    """What is different now from the `entries` of an earlier run, in words; empty if nothing is.

    Args:
        entries: From `files_read`.
        here: The working folder of that run. Roots are those of this process.

    A file is read again only if its size, modification time, change time or inode differ from the
    stamp. Restoring the modification time of a file sets its change time, so this finds one changed
    byte in an equally long file with its old modification time, except on Windows, which has no
    change time.
    """
    found = (_change(entry, _resolved(entry["path"], here)) for entry in entries)
    return list(dict.fromkeys(filter(None, found)))


def sha256(path: Path) -> str:
    """SHA-256 of a file; hashed once as long as its stamp stays the same."""
    key = (os.path.abspath(path), *_stamp(os.stat(path)))
    if key not in _hashes:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not _is_settled(key[1:]):
            return digest
        _hashes[key] = digest
    return _hashes[key]


def _note(path, pattern):
    if INSTALLED & set(path.parts):
        return
    name, state = _name(path), _state(path, pattern)
    key = name if pattern is None else f"{name}/{pattern}"
    before = _noted.get(key)
    if before and before[2] != state and before[2][0] == "file":
        state = "changing", None  # two states were read
    _noted[key] = path.absolute(), pattern, state


def _name(path):
    absolute = Path(os.path.abspath(path))
    for variable, root in _roots.items():
        if absolute.is_relative_to(root):
            return f"${variable}/{absolute.relative_to(root).as_posix()}"
    if _here and (not path.is_absolute() or absolute.is_relative_to(_here)):
        return Path(os.path.relpath(absolute, _here)).as_posix()
    return absolute.as_posix()


def _resolved(name, here):
    for variable, root in _roots.items():
        if name.startswith(f"${variable}/"):
            return root / name.removeprefix(f"${variable}/")
    return here / name


def _state(path, pattern=None):
    """`(kind, what distinguishes two states of it without reading it)`."""
    if pattern is not None:
        return "names", _names(path, pattern)
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return "missing", None
    if not os.path.isfile(path):
        return "folder", None
    return "file", _stamp(status)


def _stamp(status):
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _is_settled(stamp):
    return time.time() - max(stamp[1:3]) / 1e9 > SETTLED


def _matching(folder, pattern):
    found = folder.glob(pattern) if folder.is_dir() else ()
    return sorted(path for path in found if not path.name.startswith("."))


def _names(folder, pattern):
    names = (path.relative_to(folder).as_posix() for path in _matching(folder, pattern))
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def _entry(name, path, pattern, state):
    kind, known = state
    if kind == "names":
        return {"path": name.removesuffix(f"/{pattern}"), "kind": kind, "pattern": pattern, "sha256": known}
    if kind not in ("file", "changing"):
        return {"path": name, "kind": kind}
    entry = {"path": name, "kind": "file", "size": known[0] if known else None, "sha256": None}
    try:
        if state == _state(path):
            entry |= {"sha256": sha256(path), "stamp": list(known) if _is_settled(known) else None}
    except OSError:
        pass  # it has gone meanwhile
    return entry


def _change(entry, path):
    """One sentence about an entry that is out of date; None if it is not."""
    name, kind = Path(entry["path"]).name or entry["path"], entry["kind"]
    if kind == "names":
        same = _names(path, entry["pattern"]) == entry["sha256"]
        return None if same else f"other files {entry['pattern']} in {name}"
    now, known = _state(path)
    if now == "missing" and kind != "missing":
        return f"{name} is missing"
    if kind == "missing" and now != "missing":
        return f"{name} has appeared"
    if now != kind:
        return f"{name} is now a {now}"
    if kind != "file" or list(known) == entry.get("stamp"):
        return None
    if entry["sha256"] is None:
        return f"{name} changed while it was read"
    try:
        same = known[0] == entry["size"] and sha256(path) == entry["sha256"]
    except OSError as error:
        return f"{name} cannot be read ({error.strerror})"
    return None if same else f"{name} changed"
