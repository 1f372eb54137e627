"""An .npy file written row by row, which continues after an interruption."""

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blogkit.datasets.arrays import MANIFEST
from data_download.fresh import removed, without_link


class ArrayFile:
    """Rows for `path`, kept in `path.partial` until `close`.

    The header of an .npy file has room for any number of rows; it is rewritten with
    the final number at the end. A partial file needs no other record: its size
    gives the number of rows.

    Args:
        path: Where the whole array goes.
        row_shape: Shape of a row.
        dtype: Type of the values.

    Attributes:
        rows: Whole rows so far.
    """

    def __init__(self, path: Path, row_shape: Sequence[int], dtype=np.uint8):
        self.path, self.row_shape, self.dtype = path, tuple(row_shape), np.dtype(dtype)
        self.partial = without_link(path.with_name(path.name + ".partial"))
        head = self._head(0)
        self.offset, self.row_bytes = len(head), int(np.prod(self.row_shape, dtype=int)) * self.dtype.itemsize
        self.file = open(self.partial, "r+b" if self.partial.exists() else "w+b")  # noqa: SIM115 closed by `close`
        if self.file.read(self.offset) != head:  # another shape, or nothing yet
            self.file.seek(0)
            self.file.truncate()
            self.file.write(head)
        self.rows = 0
        self.keep((os.fstat(self.file.fileno()).st_size - self.offset) // self.row_bytes)

    def keep(self, rows: int) -> None:
        """Truncate the file to its first `rows` rows."""
        self.rows = max(0, rows)
        self.file.flush()
        self.file.truncate(self.offset + self.rows * self.row_bytes)
        self.file.seek(0, os.SEEK_END)

    def append(self, rows: np.ndarray) -> None:
        """Write more rows `(count, *row_shape)`."""
        if rows.shape[1:] != self.row_shape or rows.dtype != self.dtype:
            expected = f"{self.dtype} {self.row_shape}"
            raise ValueError(f"{self.path}: rows are {expected}. Received: {rows.dtype} {rows.shape[1:]}.")
        self.file.write(np.ascontiguousarray(rows).data)
        self.rows += len(rows)

    def close(self, whole: bool) -> None:
        """Move the array into place if it is complete; else keep its rows for the next call."""
        with self.file:
            if not whole:
                return
            self.file.seek(0)
            self.file.write(self._head(self.rows))
            self.file.flush()
            os.fsync(self.file.fileno())
        os.replace(self.partial, self.path)

    def _head(self, rows):
        head = io.BytesIO()
        fields = {"descr": self.dtype.str, "fortran_order": False, "shape": (rows, *self.row_shape)}
        np.lib.format.write_array_header_1_0(head, fields)
        return head.getvalue()


def write_array(path: Path, array: np.ndarray) -> None:
    """Write a small array atomically."""
    file = ArrayFile(path, array.shape[1:], array.dtype)
    file.keep(0)
    file.append(array)
    file.close(whole=True)


def write_manifest(folder: Path, official: bool, **facts) -> None:
    """Write the manifest, the last file of a conversion; its presence marks completion."""
    partial = removed(folder / f"{MANIFEST}.partial")
    partial.write_text(json.dumps({"official": official, **facts}, indent=2) + "\n", encoding="utf-8")
    os.replace(partial, folder / MANIFEST)
