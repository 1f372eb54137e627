"""CelebA: 202,599 faces of celebrities, cropped to a square (Liu, Luo, Wang, Tang, 2015)."""

import dataclasses

import numpy as np

from blogkit.datasets.arrays import array_folder, map_array

SIZES = (128, 64)


@dataclasses.dataclass(frozen=True)
class Faces:
    """Faces in the parts of `list_eval_partition.txt`.

    Attributes:
        x_train, x_valid, x_test: uint8 `(rows, size, size, 3)`, mapped into memory.
        name: What these rows are, for the claims table.
        stand_in: True unless these were made of the official archive.
    """

    x_train: np.ndarray
    x_valid: np.ndarray
    x_test: np.ndarray
    name: str
    stand_in: bool


def celeba(source="official", size=128) -> Faces:
    """Read CelebA: 162,770 + 19,867 + 19,962 faces.

    Each is the 178 x 178 pixels in the middle of the official picture of
    178 x 218, made smaller. Only rows that are used are read from the disk.

    Args:
        source: `"official"`: what `python -m data_download get celeba` made
            of the official archive, which is put there by hand. Else the path
            of such a folder: `celeba_128.npy`, `celeba_64.npy`,
            `partition.npy` and the manifest of the conversion.
        size: 128 or 64.

    Raises:
        MissingDataset: If there is no such folder; says where to get it.
        ValueError: If a file is not what it should be.
    """
    if size not in SIZES:
        raise ValueError(f"`size` is 128 or 64. Received: size={size!r}.")
    folder, official = array_folder("celeba", source)
    faces = map_array(folder / f"celeba_{size}.npy", (size, size, 3))
    partition = np.asarray(map_array(folder / "partition.npy", ()))
    if len(partition) != len(faces) or (np.diff(partition.astype(int)) < 0).any() or partition.max() > 2:
        raise ValueError(f"{folder}/partition.npy needs 0, then 1, then 2, for each of {len(faces):,} faces.")
    ends = np.searchsorted(partition, [1, 2])
    name = f"CelebA, {size} px" if official else f"CelebA format, {folder.name}, {size} px"
    return Faces(*np.split(faces, ends), name=name, stand_in=not official)
