"""Decompressed content of gzip files and zip members, up to a size: a small file may unpack to terabytes."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import BinaryIO

LARGEST = 2_000_000_000  # bytes that a compressed file may unpack to; the largest official one has 200 MB
MEMBERS = 100_000  # files in an archive


class _Limited(io.RawIOBase):
    """A readable file that raises beyond `limit` bytes."""

    def __init__(self, file, limit):
        self.file, self.limit = file, limit

    def readable(self):
        return True

    def seekable(self):
        return True

    def readinto(self, buffer):
        count = self.file.readinto(buffer)
        self._check()
        return count

    def seek(self, place, whence=io.SEEK_SET):
        if whence == io.SEEK_SET and place > self.limit:
            self._refuse()
        return self.file.seek(place, whence)

    def tell(self):
        return self.file.tell()

    def close(self):
        self.file.close()
        super().close()

    def _check(self):
        if self.file.tell() > self.limit:
            self._refuse()

    def _refuse(self):
        raise ValueError(f"it unpacks to more than {self.limit:,} bytes")


def open_gzip(path: Path, limit: int | None = None) -> BinaryIO:
    """Open a gzip file; reading raises `ValueError` beyond `limit` bytes, by default `LARGEST`."""
    return io.BufferedReader(_Limited(gzip.open(path), LARGEST if limit is None else limit))


def members(
    archive: zipfile.ZipFile, most: int | None = None, largest: int | None = None
) -> list[zipfile.ZipInfo]:
    """Files in a zip archive. The sizes that it states are upper limits of what `zipfile` unpacks.

    Args:
        archive: The open archive.
        most: Largest number of files, by default `MEMBERS`.
        largest: Largest size of all together in bytes, by default `LARGEST`.

    Raises:
        ValueError: If there are too many, they are too large together, or one is encrypted.
    """
    most, largest = MEMBERS if most is None else most, LARGEST if largest is None else largest
    entries = archive.infolist()
    if len(entries) > most:
        raise ValueError(f"it has {len(entries):,} members, more than {most:,}")
    if (total := sum(entry.file_size for entry in entries)) > largest:
        raise ValueError(f"it unpacks to {total:,} bytes, more than {largest:,}")
    if locked := [entry.filename for entry in entries if entry.flag_bits & 1]:
        raise ValueError(f"its member {locked[0]!r} is encrypted; unpack it with its password first")
    return entries
