"""Large sets as arrays on disk: what a conversion writes and a reader maps into memory."""

import json

import numpy as np

from blogkit.datasets.archives import load_npy
from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, missing, source_path

MANIFEST = "arrays.json"


def array_folder(name, source, folder="arrays"):
    """`(path, official)` of the folder with the arrays of a set.

    The manifest that a conversion writes last says whether its source was the
    official one, and that all of it is there.

    Raises:
        MissingDataset: If there is nothing.
        ValueError: If there is no whole manifest.
    """
    source = chosen(name, source)
    path = data_set(name).folder / folder if source == OFFICIAL else source_path(name, source)
    if not (path / MANIFEST).is_file():
        if source == OFFICIAL:
            raise missing(name, path / MANIFEST)
        raise ValueError(
            f"{path} needs {MANIFEST} and the arrays that a conversion of {data_set(name).title} writes."
        )
    return path, is_official_conversion(path)


def is_official_conversion(path) -> bool:
    """What the manifest of a conversion says of its source."""
    try:
        return json.loads((path / MANIFEST).read_text(encoding="utf-8"))["official"] is True
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path / MANIFEST} is not the manifest of a conversion: {error!r}") from error


def map_array(path, shape, dtype=np.uint8):
    """The array in a file, mapped into memory: only the rows that are used are read.

    Args:
        path: An `.npy` file.
        shape: Its shape without the rows.
        dtype: Its type.

    Raises:
        ValueError: If it has another shape or type.
    """
    array = load_npy(path, mapped=True)
    if array.ndim != 1 + len(shape) or array.shape[1:] != shape or array.dtype != dtype or not len(array):
        expected = f"{np.dtype(dtype)} (rows, {', '.join(map(str, shape))})"
        raise ValueError(f"{path} needs {expected}. Received: {array.dtype} {array.shape}.")
    return array
