"""What a file without a published checksum can be tested by: it is read whole, as its name says."""

import json
import tarfile
import zipfile
from pathlib import Path

from blogkit.datasets.compressed import members, open_gzip
from blogkit.datasets.reading import reading

CHUNK = 1 << 20
END_OF_TAR = 1024  # zero bytes
_ANSWER = 1 << 16  # bytes that an answer of a server may have which is not the file


def content_fault(name: str, path: Path) -> str:
    """Why `path` cannot be the file `name`; empty if nothing is wrong.

    Zip, tar and gzip files are read to their end, which verifies their checksums. Of others only an
    empty file, a page of HTML and an answer in JSON are noticed.

    Raises:
        OSError: If the file cannot be read.
    """
    try:
        with reading(name, "a whole archive"):
            _test(name, path)
    except ValueError as error:
        return str(error)
    return ""


def _test(name, path):
    with open(path, "rb") as file:
        begin = file.read(_ANSWER)
    if not begin:
        raise ValueError(f"{name} is empty")
    if is_page(begin):
        raise ValueError(f"a page of HTML, not {name}")
    if not name.endswith((".json", ".jsonl")) and len(begin) < _ANSWER and _is_json(begin):
        raise ValueError(f"an answer in JSON, not {name}: {begin[:200].decode(errors='replace')}")
    if name.endswith((".zip", ".npz")):
        with zipfile.ZipFile(path) as archive:
            members(archive)
            if damaged := archive.testzip():
                raise ValueError(f"its member {damaged} is damaged")
    elif name.endswith((".tar", ".tar.gz", ".tgz")):
        with open(path, "rb") if name.endswith(".tar") else open_gzip(path) as file:
            end = _last_bytes(file)  # of the file: a tar archive alone would not be read to the end
            if end.strip(b"\0") or len(end) < END_OF_TAR:
                raise ValueError("it has no end of a tar archive")
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r:") as archive:
                archive.getmembers()
    elif name.endswith(".gz"):
        with open_gzip(path) as file:
            _last_bytes(file)


def is_page(begin: bytes) -> bool:
    """Whether a file begins as a page of HTML does.

    >>> is_page(b"<?xml version='1.0'?><html>"), is_page(b"PK")
    (True, False)
    """
    return b"<html" in begin[:1024].lower() or begin.lstrip()[:14].lower() == b"<!doctype html"


def _is_json(text):
    try:
        return isinstance(json.loads(text), (dict, list))
    except (ValueError, RecursionError):
        return False


def _last_bytes(file):
    """The last bytes of a file that is read to its end, where gzip keeps a checksum."""
    end = b""
    while chunk := file.read(CHUNK):
        end = (end + chunk)[-END_OF_TAR:]
    return end
