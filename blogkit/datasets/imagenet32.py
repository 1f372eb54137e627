"""ImageNet at 32 x 32 pixels (Chrabaszcz, Loshchilov, Hutter, 2017)."""

import numpy as np

from blogkit.datasets.arrays import array_folder, map_array
from blogkit.datasets.images import Images

CLASSES = 1000


def imagenet32(source="official") -> Images:
    """Read ImageNet32: 1,281,167 + 50,000 images, uint8 `(rows, 32, 32, 3)`, labels 0 to 999.

    The images are mapped into memory: only rows that are used are read.

    Args:
        source: `"official"`: what `python -m data_download get imagenet32`
            made of the official archives. Else the path of such a folder:
            `x_train.npy`, `y_train.npy`, `x_test.npy`, `y_test.npy` and the
            manifest of the conversion.

    Raises:
        MissingDataset: If there is no such folder; says where to get it.
        ValueError: If a file is not what it should be.
    """
    folder, official = array_folder("imagenet32", source)
    parts = []
    for part in ("train", "test"):
        images = map_array(folder / f"x_{part}.npy", (32, 32, 3))
        labels = np.array(map_array(folder / f"y_{part}.npy", (), np.int64))
        if len(labels) != len(images) or labels.min() < 0 or labels.max() >= CLASSES:
            raise ValueError(
                f"{folder}: y_{part}.npy needs one label 0 to 999 for each of {len(images):,} images."
            )
        parts += [images, labels]
    return Images(
        *parts, name="ImageNet32" if official else f"ImageNet32 format, {folder.name}", stand_in=not official
    )
