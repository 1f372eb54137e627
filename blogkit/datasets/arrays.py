"""Arrays on disk for large data sets: written by a conversion, memory-mapped by a reader."""

import json
from pathlib import Path

import numpy as np

from blogkit.datasets.archives import load_npy
from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, missing, source_path
from blogkit.datasets.reading import reading
from blogkit.files_read import note

MANIFEST = "arrays.json"


def array_folder(name: str, source: str | Path) -> tuple[Path, bool]:
    """`(path, official)` of the folder that holds the arrays of a data set.

    A conversion writes the manifest last. It says whether the arrays come from the
    official files, and its presence says that they are complete.

    Raises:
        MissingDataset: If there are no arrays.
        ValueError: If the manifest is missing or damaged.
    """
    source = chosen(name, source)
    path = data_set(name).folder / "arrays" if source == OFFICIAL else source_path(name, source)
    if not note(path / MANIFEST).is_file():
        if source == OFFICIAL:
            raise missing(name, path / MANIFEST)
        raise ValueError(
            f"{path} needs {MANIFEST} and the arrays that a conversion of {data_set(name).title} writes."
        )
    return path, is_official_conversion(path)


def is_official_conversion(path: Path) -> bool:
    """Whether the manifest in a folder says that its arrays come from the official files."""
    with reading(path / MANIFEST, "the manifest of a conversion"):
        return json.loads((path / MANIFEST).read_text(encoding="utf-8"))["official"] is True


def map_array(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Memory-map the uint8 array in a file, so that only the rows in use are read.

    Args:
        path: An `.npy` file.
        shape: Shape of a row.

    Raises:
        ValueError: If the array has another shape or type, or no rows.
    """
    array = load_npy(path, mapped=True)
    if array.ndim != 1 + len(shape) or array.shape[1:] != shape or array.dtype != np.uint8 or not len(array):
        expected = f"uint8 (rows, {', '.join(map(str, shape))})"
        raise ValueError(f"{path} needs {expected}. Received: {array.dtype} {array.shape}.")
    return array
