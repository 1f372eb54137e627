"""Every reader refuses a part without rows, and names its file."""

import gzip
import zipfile

import numpy as np
import pytest
from official_files import excel_97, idx, tar_gz
from valid_sources import SOURCES, saved, write

from blogkit import datasets

TEXT_FORMS = [
    (name, form)
    for name, forms in SOURCES.items()
    for form in forms
    if form in ("text", "gzip", "zip", "json", "csv", "rows", "official", "one file")
]


def without_rows(path):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("rows", "\n")
    else:
        path.write_bytes(gzip.compress(b"\n") if path.suffix == ".gz" else b"\n")


@pytest.mark.parametrize(("name", "form"), TEXT_FORMS, ids=map(", ".join, TEXT_FORMS))
def test_text_without_rows(tmp_path, name, form):
    reader, source = getattr(datasets, name), SOURCES[name][form](tmp_path)
    reader(source)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        whole = path.read_bytes()
        without_rows(path)
        with pytest.raises(ValueError, match=path.name):
            reader(source)
        path.write_bytes(whole)


def test_sheets_without_text(tmp_path):
    folder = SOURCES["sentiment"]["sheets"](tmp_path)
    write(folder / "pos.xls", excel_97([" ", None]))
    with pytest.raises(ValueError, match=r"pos\.xls contains no text"):
        datasets.sentiment(folder)


@pytest.mark.parametrize(
    ("name", "form"), [("mnist", "two parts"), ("mnist", "one part"), ("orl_faces", "arrays")]
)
def test_arrays_without_rows(tmp_path, name, form):
    path = SOURCES[name][form](tmp_path)
    arrays = dict(np.load(path))
    for part in {"x_train": "train", "x_test": "test", "x": ""} if name == "mnist" else {"x": ""}:
        if part in arrays:
            other = part.replace("x", "subject" if name == "orl_faces" else "y")
            empty = arrays | {part: arrays[part][:0], other: arrays[other][:0]}
            write(path, saved(None, **empty))
            with pytest.raises(ValueError, match=r"a\.npz.* at least one"):
                getattr(datasets, name)(path)


@pytest.mark.parametrize("part", ["train", "t10k"])
def test_idx_files_without_rows(tmp_path, part):
    folder = SOURCES["fashion_mnist"]["idx"](tmp_path)
    write(folder / f"{part}-images-idx3-ubyte.gz", idx(np.zeros((0, 28, 28), "uint8")))
    write(folder / f"{part}-labels-idx1-ubyte.gz", idx(np.zeros(0, "uint8")))
    with pytest.raises(ValueError, match=f"{part}-images-.* at least one"):
        datasets.fashion_mnist(folder)


def test_converted_arrays_without_a_part(tmp_path):
    folder = SOURCES["celeba"]["arrays"](tmp_path)
    for parts in ([0, 0, 2], [1, 1, 2], [0, 0, 0]):
        write(folder / "partition.npy", saved(np.array(parts, "uint8")))
        with pytest.raises(ValueError, match=r"partition\.npy needs faces of the parts 0 and 1"):
            datasets.celeba(folder)


def test_an_archive_without_batches(tmp_path):
    with pytest.raises(ValueError, match="lacks the batch data_batch_1"):
        datasets.cifar10(tar_gz(tmp_path / "a.tar.gz", {}))
