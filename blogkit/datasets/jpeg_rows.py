"""Images kept as JPEG files in one array."""

import io

import numpy as np

from blogkit.extras import import_extra


def decode(data, offset, size, path):
    """JPEG files that lie one after the other, as uint8 `(rows, height, width, 3)`.

    Args:
        data: Their bytes, uint8 `(bytes,)`.
        offset: Where each begins, and where the last one ends `(rows + 1,)`.
        size: `(width, height)` that all have.
        path: What errors call the source.

    Raises:
        ValueError: If a file is damaged, of another size or no JPEG.
    """
    Image = import_extra("PIL.Image", needed_by="decode")
    fits = (
        data.dtype == np.uint8 and data.ndim == offset.ndim == 1 and np.issubdtype(offset.dtype, np.integer)
    )
    offset = offset.astype(np.int64) if fits else offset  # differences of unsigned numbers never fall
    if (
        not fits
        or len(offset) < 2
        or offset[0] != 0
        or (np.diff(offset) <= 0).any()
        or offset[-1] != len(data)
    ):
        raise ValueError(
            f"{path} needs uint8 jpeg bytes and an offset that climbs from 0 to their number. "
            f"Received: jpeg {data.dtype} {data.shape}, offset {offset.dtype} {offset.shape}."
        )
    width, height = size
    images, data = np.empty((len(offset) - 1, height, width, 3), np.uint8), data.tobytes()
    for row, (start, stop) in enumerate(zip(offset[:-1].tolist(), offset[1:].tolist())):
        try:
            with Image.open(io.BytesIO(data[start:stop]), formats=["JPEG"]) as image:
                if image.size != size:  # before any pixel is decoded
                    raise ValueError(
                        f"it has {image.size[0]} x {image.size[1]} pixels, not {width} x {height}"
                    )
                images[row] = image.convert("RGB")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path}: image {row} does not fit: {error}") from error
    return images
