"""Open an image file of a stated format, so that a header with a huge size is an error and not a warning."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import BinaryIO


@contextlib.contextmanager
def open_image(Image, file: BinaryIO, form: str) -> Iterator:
    """Open an image with Pillow's module `Image`; pixels are decoded when they are first used.

    Args:
        Image: The module `PIL.Image`, which is optional.
        file: The file.
        form: The only format that is accepted, in Pillow's words.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file, formats=[form]) as image:
            yield image
