"""Convert ImageNet32's batches, .npz files inside two zip archives, to arrays."""

import re
import shutil
import tempfile
import zipfile

import numpy as np

from blogkit.datasets.arrays import MANIFEST
from blogkit.datasets.catalogue import DataSet
from data_download.conversions.array_file import ArrayFile, write_array, write_manifest
from data_download.conversions.progress import progress
from data_download.fetch import DownloadError, Transfer

BATCH = 4096  # images in memory at a time
PARTS = {"train": re.compile(r"train_data_batch_(\d+)\.npz$"), "test": re.compile(r"val_data()\.npz$")}


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / "arrays" / MANIFEST).is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write `arrays/x_train.npy`, `y_train.npy`, `x_test.npy` and `y_test.npy`.

    One batch file at a time is unpacked on disk, and 4,096 of its images are in
    memory; after an interruption the conversion continues with the next ones.
    The labels of the files are 1 to 1000, those of the arrays 0 to 999.

    Raises:
        DownloadError: If an archive lacks its batches or one does not fit.
    """
    if done(entry):
        return
    folder = entry.folder / "arrays"
    folder.mkdir(exist_ok=True)
    rows = {}
    for (part, pattern), file in zip(PARTS.items(), entry.files):
        if not (folder / f"y_{part}.npy").is_file():
            _convert_archive(entry.path(file), pattern, folder, part, transfer)
        rows[part] = len(np.load(folder / f"y_{part}.npy", mmap_mode="r"))
    write_manifest(folder, official=True, rows=rows)


def _convert_archive(path, pattern, folder, part, transfer):
    out = ArrayFile(folder / f"x_{part}.npy", (32, 32, 3))
    labels, before, whole = [], 0, False
    try:
        with zipfile.ZipFile(path) as archive, progress(transfer, None, out.rows, "images") as advance:
            found = {pattern.search(name): name for name in archive.namelist()}
            batches = sorted((int(match[1] or 0), name) for match, name in found.items() if match)
            if not batches:
                raise DownloadError(f"{path} lacks its batches: {', '.join(archive.namelist()[:5])}.")
            for _, name in batches:
                with tempfile.TemporaryFile(dir=folder) as unpacked:
                    shutil.copyfileobj(archive.open(name), unpacked)
                    unpacked.seek(0)
                    labels.append(_append(unpacked, f"{path}: {name}", out, before, advance))
                before += len(labels[-1])
        whole = True
    except zipfile.BadZipFile as error:
        raise DownloadError(f"{path} is damaged: {error}") from error
    finally:
        out.close(whole)
    write_array(folder / f"y_{part}.npy", np.concatenate(labels))


def _append(file, where, out, before, advance):
    """Append the images of a batch file that are still missing, and return its labels."""
    with zipfile.ZipFile(file) as members:
        try:
            with members.open("labels.npy") as stream:
                labels = np.lib.format.read_array(stream, allow_pickle=False).astype(np.int64) - 1
            with members.open("data.npy") as stream:
                np.lib.format.read_magic(stream)
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
                if (
                    len(shape) != 2
                    or shape[1] != 3072
                    or fortran
                    or dtype != np.uint8
                    or labels.shape != shape[:1]
                ):
                    found = f"{dtype} {shape}, {labels.shape}"
                    raise ValueError(f"needs uint8 data (rows, 3072) and a label a row, received {found}")
                if len(labels) and not 0 <= labels.min() <= labels.max() < 1000:
                    raise ValueError(
                        f"labels are 1 to 1000, received {labels.min() + 1} to {labels.max() + 1}"
                    )
                _append_rows(stream, shape[0], out, before, advance)
        except (KeyError, ValueError) as error:
            raise DownloadError(f"{where}: {error}") from error
    return labels


def _append_rows(stream, rows, out, before, advance):
    """Append images stored as planes: all red bytes first, then green, then blue."""
    for first in range(0, rows, BATCH):
        count = min(BATCH, rows - first)
        data = stream.read(3072 * count)
        if before + first + count <= out.rows:
            continue
        if len(data) != 3072 * count:
            raise ValueError("the data end too early")
        out.keep(before + first)
        out.append(np.frombuffer(data, np.uint8).reshape(count, 3, 32, 32).transpose(0, 2, 3, 1))
        advance(count)
