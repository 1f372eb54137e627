"""Official batches of CIFAR-10: Python 2 pickles in a tar archive."""

import itertools
import tarfile
from pathlib import Path

import numpy as np

from blogkit.datasets.archives import load_plain_pickle
from blogkit.datasets.compressed import MEMBERS, open_gzip
from blogkit.datasets.images import checked
from blogkit.datasets.reading import reading
from blogkit.files_read import note

TRAIN_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST_BATCHES = ("test_batch",)
SHAPE = (32, 32, 3)
BATCH_BYTES = 40_000_000  # an official batch has 31 MB

LabelledImages = tuple[np.ndarray, np.ndarray]


def read_folder(folder: Path) -> tuple[LabelledImages, LabelledImages]:
    """Read `((images, labels) of training, (images, labels) of test)` from unpacked batches."""

    def read(batch):
        path = note(folder / batch)
        if not path.is_file():
            return None
        with open(path, "rb") as file:
            return file.read(BATCH_BYTES + 1)

    return _read_batches(read, folder)


def read_archive(path: Path) -> tuple[LabelledImages, LabelledImages]:
    """Read `((images, labels) of training, (images, labels) of test)` from `cifar-10-python.tar.gz`."""
    with (
        reading(path, "a complete tar archive, gzip or not"),
        _opened(note(path)) as file,
        tarfile.open(fileobj=file, mode="r:") as archive,  # members are read, never unpacked
    ):
        entries = list(itertools.islice(archive, MEMBERS + 1))
        if len(entries) > MEMBERS:
            raise ValueError(f"it has more than {MEMBERS:,} members")
        members = {Path(member.name).name: member for member in entries if member.isfile()}
        batches = {
            batch: archive.extractfile(members[batch]).read(BATCH_BYTES + 1)
            for batch in (*TRAIN_BATCHES, *TEST_BATCHES)
            if batch in members
        }
        while file.read(1 << 20):  # the checksum of gzip is at its end
            pass
    return _read_batches(batches.get, path)


def _opened(path):
    with open(path, "rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return open_gzip(path) if compressed else open(path, "rb")


def _read_batches(read, where):
    """`(train, test)` of the official batches; `read` returns the bytes of a batch, or None."""
    parts = []
    for batches in (TRAIN_BATCHES, TEST_BATCHES):
        rows = []
        for batch in batches:
            data = read(batch)
            if data is None:
                raise ValueError(f"{where} lacks the batch {batch}.")
            if len(data) > BATCH_BYTES:
                raise ValueError(
                    f"{where}: {batch} has more than {BATCH_BYTES:,} bytes, too many for a batch."
                )
            rows.append(checked(*_batch(data, f"{where}: {batch}"), SHAPE, f"{where}: {batch}"))
        parts.append(tuple(np.concatenate(arrays) for arrays in zip(*rows)))
    return tuple(parts)


def _batch(data, where):
    """Images and labels of one pickled batch: 3,072 bytes a row, first all red, then green, then blue."""
    batch = load_plain_pickle(data, where)
    keys = batch if isinstance(batch, dict) else {}
    pixels, labels = keys.get(b"data"), keys.get(b"labels")
    if not isinstance(pixels, np.ndarray) or not isinstance(labels, (list, np.ndarray)):
        raise ValueError(
            f"{where} needs the keys data and labels. Received: {sorted(map(str, keys))[:9] or type(batch)}."
        )
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != 3072:
        raise ValueError(f"{where} needs uint8 data (rows, 3072). Received: {pixels.dtype} {pixels.shape}.")
    if isinstance(labels, list) and not all(type(label) is int for label in labels):
        raise ValueError(f"{where}: labels must be a list of integers.")
    with reading(where, "a batch of integer labels"):
        return pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), np.asarray(labels)
