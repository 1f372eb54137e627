"""Checksums of files: sha256, md5 and git blob ids."""

import hashlib
from pathlib import Path

from blogkit import files_read


def file_checksum(path: Path, kind: str = "sha256") -> str:
    """Hexadecimal checksum of a file of any size: sha256, md5, or git_blob.

    A git blob id is the sha1 of `blob SIZE`, a zero byte and the contents.
    """
    if kind == "sha256":
        return files_read.sha256(path)
    with open(path, "rb") as data:
        if kind != "git_blob":
            return hashlib.file_digest(data, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
        digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        return hashlib.file_digest(data, lambda: digest).hexdigest()
