"""CIFAR-10: 32 x 32 colour photographs in ten classes (Krizhevsky, 2009)."""

from pathlib import Path

from blogkit.datasets.archives import load_npy, load_npz
from blogkit.datasets.arrays import MANIFEST, is_official_conversion, map_array
from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, is_official, official_file, source_path
from blogkit.datasets.cifar10_batches import SHAPE, TEST_BATCHES, TRAIN_BATCHES, read_archive, read_folder
from blogkit.datasets.images import Images, checked, split_by_class
from blogkit.datasets.jpeg_rows import decode
from blogkit.datasets.reading import reader
from blogkit.files_read import matches, note

ARCHIVE = "cifar-10-python.tar.gz"
ARRAYS = ("x_train", "y_train", "x_test", "y_test")


@reader
def cifar10(source: str | Path = "official") -> Images:
    """Read CIFAR-10 images, uint8 `(rows, 32, 32, 3)`, channels red, green, blue.

    Args:
        source: `"official"`: the 50,000 + 10,000 images of
            `cifar-10-python.tar.gz` in the data folder, checked by hash, or
            the arrays that `python -m data_download get cifar10` made of it.
            `"imported"`: the files copied there by `python -m data_download import
            cifar10`. Otherwise a path: that archive, the folder of its batches, a
            folder of the arrays `x_train.npy`, `y_train.npy`, `x_test.npy`,
            `y_test.npy`, an `.npz` of these or of JPEG files, or a folder of two
            such `.npz` files, `train*` and `test*`. JPEG files are concatenated:
            image `i` is `jpeg[offset[i]:offset[i + 1]]` with `label[i]`. A single
            part is split 4 : 1 within each class with a fixed seed.

    Returns:
        `Images`; the test images are `x_valid`.

    Raises:
        MissingDataset: If the file is missing; says where to get it.
        ValueError: If the file does not have the expected contents.

    Example:

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> path = Path(tempfile.mkdtemp()) / "some.npz"
    >>> np.savez(path, x=np.zeros((50, 32, 32, 3), "uint8"), y=np.arange(50) % 10)
    >>> images = cifar10(path)
    >>> images.x_train.shape, images.x_valid.shape, images.stand_in
    ((40, 32, 32, 3), (10, 32, 32, 3), True)
    """
    source = chosen("cifar10", source)
    if source == OFFICIAL:
        converted = data_set("cifar10").folder / "arrays"
        if note(converted / MANIFEST).is_file() and is_official_conversion(converted):
            return _arrays(converted, "CIFAR-10", stand_in=False)
        return _archive(official_file("cifar10", ARCHIVE))
    path = source_path("cifar10", source)
    if path.is_dir():
        return _folder(path)
    return _one_or_two_parts(load_npz(path), path) if path.name.endswith(".npz") else _archive(path)


def _archive(path):
    official = is_official("cifar10", path)
    train, test = read_archive(path)
    name = "CIFAR-10" if official else f"CIFAR-10 format, {path.name}"
    return Images(*train, *test, name=name, stand_in=not official)


def _folder(folder):
    if (folder / "cifar-10-batches-py").is_dir():
        folder = folder / "cifar-10-batches-py"
    name = f"CIFAR-10 format, {folder.name}"
    matches(folder)  # their names decide which of them are read
    if (folder / TEST_BATCHES[0]).is_file():
        train, test = read_folder(folder)
        return Images(*train, *test, name=name, stand_in=True)
    if all((folder / f"{array}.npy").is_file() for array in ARRAYS):
        return _arrays(folder, name, stand_in=True)
    files = {part: sorted(folder.glob(f"{part}*.npz")) for part in ("train", "test")}
    if len(files["train"]) == len(files["test"]) == 1:
        train, test = (_one_part(load_npz(path), path) for (path,) in files.values())
        name = f"{name}, {len(train[0]):,} + {len(test[0]):,} images"
        return Images(*train, *test, name=name, stand_in=True)
    raise ValueError(
        f"{folder} needs the batches {TRAIN_BATCHES[0]} to {TRAIN_BATCHES[-1]} and test_batch, or the arrays "
        f"{', '.join(f'{array}.npy' for array in ARRAYS)}, or one train*.npz and one test*.npz. "
        f"Received: {', '.join(sorted(path.name for path in folder.iterdir())) or 'an empty folder'}."
    )


def _arrays(folder, name, stand_in):
    """Memory-mapped images: only the rows in use are read."""
    parts = [
        checked(map_array(folder / f"x_{part}.npy", SHAPE), load_npy(folder / f"y_{part}.npy"), SHAPE, folder)
        for part in ("train", "test")
    ]
    return Images(*parts[0], *parts[1], name=name, stand_in=stand_in)


def _one_or_two_parts(arrays, path):
    name = f"CIFAR-10 format, {path.name}"
    if set(ARRAYS) <= set(arrays):
        train, test = (checked(arrays[f"x_{p}"], arrays[f"y_{p}"], SHAPE, path) for p in ("train", "test"))
        return Images(*train, *test, name=name, stand_in=True)
    images, labels = _one_part(arrays, path)
    try:
        train, valid = split_by_class(labels)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return Images(
        images[train],
        labels[train],
        images[valid],
        labels[valid],
        name=f"{name}, {len(images):,} images",
        stand_in=True,
    )


def _one_part(arrays, path):
    if {"jpeg", "offset", "label"} <= set(arrays):
        return checked(decode(arrays["jpeg"], arrays["offset"], (32, 32), path), arrays["label"], SHAPE, path)
    if {"x", "y"} <= set(arrays):
        return checked(arrays["x"], arrays["y"], SHAPE, path)
    raise ValueError(
        f"{path} needs the arrays jpeg, offset, label, or x and y, or {', '.join(ARRAYS)}. "
        f"Received: {', '.join(sorted(arrays)) or 'none'}."
    )
