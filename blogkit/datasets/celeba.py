"""CelebA: 202,599 celebrity faces, cropped to a square (Liu, Luo, Wang, Tang, 2015)."""

import dataclasses
from pathlib import Path

import numpy as np

from blogkit.checks import check_choice
from blogkit.datasets.arrays import array_folder, map_array
from blogkit.datasets.reading import reader

SIZES = (128, 64)


@dataclasses.dataclass(frozen=True)
class Faces:
    """Faces, split as in `list_eval_partition.txt`.

    Attributes:
        x_train, x_valid, x_test: uint8 `(rows, size, size, 3)`, memory-mapped.
        name: Name of the data for the claims table.
        stand_in: True unless the faces come from the official archive.
    """

    x_train: np.ndarray
    x_valid: np.ndarray
    x_test: np.ndarray
    name: str
    stand_in: bool


@reader
def celeba(source: str | Path = "official", size: int = 128) -> Faces:
    """Read CelebA: 162,770 + 19,867 + 19,962 faces.

    Each face is the central 178 x 178 pixels of the official 178 x 218 image,
    downscaled. Only the rows in use are read from disk.

    Args:
        source: `"official"`: the arrays that `python -m data_download get celeba`
            makes of the official archive, which you put there by hand. Otherwise
            the path of such a folder: `celeba_128.npy`, `celeba_64.npy`,
            `partition.npy` and the manifest of the conversion.
        size: Side of a face in pixels, 128 or 64.

    Raises:
        MissingDataset: If the folder is missing; says where to get it.
        ValueError: If a file does not have the expected contents.
    """
    check_choice("size", size, SIZES)
    folder, official = array_folder("celeba", source)
    faces = map_array(folder / f"celeba_{size}.npy", (size, size, 3))
    partition = np.asarray(map_array(folder / "partition.npy", ()))
    if len(partition) != len(faces) or (np.diff(partition.astype(int)) < 0).any() or partition.max() > 2:
        raise ValueError(
            f"{folder}/partition.npy needs one part for each of {len(faces):,} faces: 0, then 1, then 2."
        )
    ends = np.searchsorted(partition, [1, 2])
    if not 0 < ends[0] < ends[1]:
        raise ValueError(f"{folder}/partition.npy needs faces of the parts 0 and 1. Received: none of one.")
    name = f"CelebA, {size} px" if official else f"CelebA format, {folder.name}, {size} px"
    return Faces(*np.split(faces, ends), name=name, stand_in=not official)
