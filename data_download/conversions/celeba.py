"""Convert CelebA's zip of JPEG files to two arrays: centre crops at 128 and 64 pixels."""

import concurrent.futures
import contextlib
import io
import os
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from blogkit.datasets.arrays import MANIFEST
from blogkit.datasets.catalogue import DataSet
from blogkit.datasets.celeba import SIZES
from blogkit.datasets.compressed import members as members_of
from blogkit.datasets.reading import reading, reason
from data_download.conversions.array_file import ArrayFile, write_array, write_manifest
from data_download.conversions.progress import progress
from data_download.fetch import DownloadError, Transfer

SOURCE_SIZE = (178, 218)
SQUARE = (0, 20, 178, 198)  # left, upper, right, lower: the middle of the picture
MOST, LARGEST = 300_000, 4_000_000_000  # files in the archive, and bytes of them all; 1.4 GB are official
LARGEST_PICTURE = 1_000_000  # bytes of a JPEG file
BATCH = 128  # JPEG files in memory at a time


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / "arrays" / MANIFEST).is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write `arrays/celeba_128.npy`, `celeba_64.npy` and `partition.npy`.

    Only one batch of pictures is in memory. After an interruption the conversion
    continues with the next batch.

    Raises:
        DownloadError: If a picture is damaged or of another size.
    """
    archive, partition = (entry.path(file) for file in entry.files)
    convert_archive(archive, partition, entry.folder / "arrays", transfer, official=True)


def convert_archive(
    archive: Path,
    partition: Path,
    folder: Path,
    transfer: Transfer,
    official: bool,
    workers: int | None = None,
) -> None:
    """Convert any archive of that format, with `workers` decoding threads."""
    if (folder / MANIFEST).is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    part_of = read_partition(partition)
    with contextlib.ExitStack() as opened:
        with reading(archive, "a whole zip archive"):
            zipped = opened.enter_context(zipfile.ZipFile(archive))
            pictures = [e for e in members_of(zipped, MOST, LARGEST) if e.filename.endswith(".jpg")]
        if not pictures:
            raise DownloadError(f"{archive} holds no pictures *.jpg.")
        if large := [entry.filename for entry in pictures if entry.file_size > LARGEST_PICTURE]:
            raise DownloadError(f"{archive}: {large[0]} has more than {LARGEST_PICTURE:,} bytes.")
        members = sorted((e.filename for e in pictures), key=lambda member: PurePosixPath(member).name)
        names = [PurePosixPath(member).name for member in members]
        if missing := [name for name in names if name not in part_of]:
            raise DownloadError(
                f"{partition} lacks {len(missing):,} of {len(names):,} pictures, for example {missing[0]}."
            )
        files = {size: ArrayFile(folder / f"celeba_{size}.npy", (size, size, 3)) for size in SIZES}
        whole = False
        try:
            start = min(file.rows for file in files.values())
            for file in files.values():
                file.keep(start)
            _append(zipped, members, start, files, transfer, workers)
            whole = True
        finally:
            for file in files.values():
                file.close(whole)
    write_array(folder / "partition.npy", np.array([part_of[name] for name in names], np.uint8))
    write_manifest(folder, official, rows=len(names), square=SQUARE)


def _append(zipped, members, start, files, transfer, workers):
    workers = workers or os.cpu_count() or 1
    with (
        concurrent.futures.ThreadPoolExecutor(workers) as pool,  # Pillow releases the interpreter lock
        progress(transfer, len(members), start, "faces") as advance,
    ):
        for first in range(start, len(members), BATCH):
            batch = members[first : first + BATCH]
            pictures = list(pool.map(_decode, [_read(zipped, member) for member in batch], batch))
            for file, rows in zip(files.values(), zip(*pictures)):
                file.append(np.stack(rows))
            advance(len(batch))


def _read(zipped, member):
    with reading(f"{zipped.filename}: {member}", "a whole file"):
        return zipped.read(member)


def _decode(data, member):
    """A picture at each size, largest first."""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            if image.size != SOURCE_SIZE:  # before any pixel is decoded
                raise ValueError(f"{image.size[0]} x {image.size[1]} pixels, expected 178 x 218")
            picture = image.convert("RGB")
        return [
            np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, box=SQUARE)) for size in SIZES
        ]
    except Exception as error:  # a damaged picture raises almost anything
        raise DownloadError(f"{member} does not fit: {reason(error)}") from error


def read_partition(path: Path) -> dict[str, int]:
    """`{"000001.jpg": 0, ...}` out of `list_eval_partition.txt`: 0 train, 1 valid, 2 test."""
    found = {}
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), 1):
        name, _, part = line.strip().partition(" ")
        if part.strip() not in ("0", "1", "2"):
            raise DownloadError(f"{path}, line {number} needs a name and 0, 1 or 2. Received: {line[:80]!r}.")
        found[name] = int(part)
    return found
