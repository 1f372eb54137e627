"""Checksums of files for which none is published: kept at the first fetch, compared later."""

import json
import os
from pathlib import Path

from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.reading import reading

RECORD = ".fetched.json"


def first_fault(place: Path, path: Path) -> str:
    """Why `path` is not what was fetched first for `place`; empty if it is, or if nothing was.

    Raises:
        ValueError: If the record is damaged.
    """
    first = _recorded(place.parent).get(place.name)
    if first is None or first == (found := file_checksum(path)):
        return ""
    return (
        f"sha256 {found}, at the first fetch {first}; if the address has a new version that you trust, "
        f"delete {place.parent / RECORD}"
    )


def keep_first(place: Path) -> None:
    """Keep the checksum of the file at `place` as that of its first fetch, unless there is one."""
    known = _recorded(place.parent)
    if place.name not in known:
        record = place.parent / RECORD
        partial = record.with_name(f"{RECORD}.partial")
        text = json.dumps(known | {place.name: file_checksum(place)}, indent=2, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8")
        os.replace(partial, record)


def is_recorded(place: Path) -> bool:
    """Whether a checksum of a first fetch is kept."""
    return place.name in _recorded(place.parent)


def _recorded(folder):
    path = folder / RECORD
    if not path.exists():
        return {}
    with reading(path, "the record of first fetches, which may be deleted"):
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
            raise ValueError("it must map names to checksums")
        return known
