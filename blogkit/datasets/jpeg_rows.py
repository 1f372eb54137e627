"""Images stored as concatenated JPEG files in one array."""

import io
from pathlib import Path

import numpy as np

from blogkit.datasets.image_file import open_image
from blogkit.datasets.reading import reading
from blogkit.extras import import_extra


def decode(data: np.ndarray, offset: np.ndarray, size: tuple[int, int], path: Path) -> np.ndarray:
    """Decode concatenated JPEG files to uint8 `(rows, height, width, 3)`.

    Args:
        data: Bytes of all files, uint8 `(bytes,)`.
        offset: Start of each file, and the end of the last, `(rows + 1,)`.
        size: `(width, height)` of every image.
        path: Name of the source in error messages.

    Raises:
        ValueError: If a file is damaged, not JPEG, or of another size.
    """
    Image = import_extra("PIL.Image", needed_by="decode")
    fits = (
        data.dtype == np.uint8 and data.ndim == offset.ndim == 1 and np.issubdtype(offset.dtype, np.integer)
    )
    offset = (
        offset.astype(np.int64) if fits else offset
    )  # differences of unsigned integers are never negative
    if (
        not fits
        or len(offset) < 2
        or offset[0] != 0
        or (np.diff(offset) <= 0).any()
        or offset[-1] != len(data)
    ):
        raise ValueError(
            f"{path} needs uint8 jpeg bytes and an offset that increases from 0 to their number. "
            f"Received: jpeg {data.dtype} {data.shape}, offset {offset.dtype} {offset.shape}."
        )
    width, height = size
    images, data = np.empty((len(offset) - 1, height, width, 3), np.uint8), data.tobytes()
    for row, (start, stop) in enumerate(zip(offset[:-1].tolist(), offset[1:].tolist())):
        with (
            reading(f"{path}: image {row}", "valid"),
            open_image(Image, io.BytesIO(data[start:stop]), "JPEG") as image,
        ):
            if image.size != size:  # before any pixel is decoded
                raise ValueError(
                    f"the size is {image.size[0]} x {image.size[1]} pixels, not {width} x {height}"
                )
            images[row] = image.convert("RGB")
    return images
