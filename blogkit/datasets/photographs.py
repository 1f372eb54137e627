"""Colour photographs that lie inside scikit-learn and scikit-image, and square patches of them."""

import dataclasses
import importlib.util
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from blogkit.checks import check_count
from blogkit.datasets.folder import MissingDataset
from blogkit.extras import import_extra, install_command

# Package and module, folder inside, file. Each with its credit, as the package's own notes have it.
_SKLEARN = ("scikit-learn", "sklearn", "datasets/images")
_SKIMAGE = ("scikit-image", "skimage", "data")
TRAIN = {
    "china": (*_SKLEARN, "china.jpg"),  # danielbuechele, CC BY 2.0
    "flower": (*_SKLEARN, "flower.jpg"),  # vultilion, CC BY 2.0
    "astronaut": (*_SKIMAGE, "astronaut.png"),  # NASA, public domain
    "motorcycle": (
        *_SKIMAGE,
        "motorcycle_left.png",
    ),  # Middlebury stereo 2014, Scharstein et al.; no terms stated
    "rocket": (*_SKIMAGE, "rocket.jpg"),  # SpaceX, public domain
}
HELD = {
    "chelsea": (*_SKIMAGE, "chelsea.png"),  # Stefan van der Walt, CC0
    "coffee": (*_SKIMAGE, "coffee.png"),  # Rachel Michetti, CC0
}


@dataclasses.dataclass(frozen=True)
class Photographs:
    """Whole photographs to train on, and others to measure on.

    Attributes:
        train, held: By name, uint8 `(height, width, 3)`; sizes differ.
        name: What they are, for the claims table.
        stand_in: True: seven photographs stand in for a set of many.
    """

    train: dict[str, np.ndarray]
    held: dict[str, np.ndarray]
    name: str
    stand_in: bool


def photographs(shrink=1) -> Photographs:
    """Read seven colour photographs out of two installed packages: five to train on, two held out.

    No part of a held-out photograph is trained on: patches of one picture are too much alike to
    measure with. Their authors and terms stand in this module, a line a picture.

    Args:
        shrink: Side of the squares of pixels that become one pixel, their mean, so that a small
            patch shows more. Rows and columns at the lower and right edge that fill no square
            are left out.

    Raises:
        ValueError: If `shrink` is no whole number from 1 to the pictures' shortest side, or a
            file is damaged.
        MissingDataset: If a package is not installed; says which.

    Example:

    >>> pictures = photographs(shrink=2)
    >>> {name: picture.shape for name, picture in pictures.held.items()}
    {'chelsea': (150, 225, 3), 'coffee': (200, 300, 3)}
    """
    check_count("shrink", shrink)
    places = {name: _place(*place) for name, place in (TRAIN | HELD).items()}
    found = {name: _shrunk(_read(path), shrink, path) for name, path in places.items()}
    shrunk = f", shrunk by {shrink}" if shrink > 1 else ""
    return Photographs(
        train={name: found[name] for name in TRAIN},
        held={name: found[name] for name in HELD},
        name=f"{len(found)} photographs of scikit-learn and scikit-image{shrunk}",
        stand_in=True,
    )


def patches(pictures, size, count, seed):
    """Random squares out of pictures, a picture as often as its share of all pixels.

    Args:
        pictures: By name, uint8 `(height, width, 3)`: `photographs().train`, say.
        size: Side of a square in pixels.
        count: Number of squares.
        seed: Equal seeds give equal squares.

    Returns:
        uint8 `(count, size, size, 3)`.

    Raises:
        ValueError: If a picture is smaller than a square or has another form.

    Example:

    >>> patches(photographs().train, size=32, count=5, seed=0).shape
    (5, 32, 32, 3)
    """
    if min(size, count) < 1:
        raise ValueError(f"`size` and `count` must be 1 or more. Received: size={size}, count={count}.")
    if not isinstance(pictures, Mapping) or not pictures:
        raise ValueError(
            f"`pictures` must be one picture or more by name. Received: {type(pictures).__name__}."
        )
    for name, picture in pictures.items():
        if (
            picture.dtype != np.uint8
            or picture.ndim != 3
            or picture.shape[2] != 3
            or min(picture.shape[:2]) < size
        ):
            raise ValueError(
                f"`pictures` must be uint8 (height, width, 3), with {size} or more pixels to a side "
                "for squares "
                f"of size={size}. Received: {name}, {picture.dtype} {picture.shape}."
            )
    rng = np.random.default_rng(seed)
    pictures = list(pictures.values())
    sides = np.array([picture.shape[:2] for picture in pictures])
    area = sides.prod(axis=1)
    chosen = rng.choice(len(pictures), size=count, p=area / area.sum())
    corners = rng.integers(0, sides[chosen] - size + 1)
    found = np.empty((count, size, size, 3), np.uint8)
    for row, (number, (top, left)) in enumerate(zip(chosen, corners)):
        found[row] = pictures[number][top : top + size, left : left + size]
    return found


def _place(package, module, folder, file):
    spec = importlib.util.find_spec(
        module
    )  # importing it would take seconds, and more memory than the pictures
    path = Path(spec.submodule_search_locations[0] if spec else module) / folder / file
    if not path.is_file():
        remedy = f"It lies inside the package {package}. {install_command('embedded')}"
        raise MissingDataset(f"The photograph {file}", path, remedy)
    return path


def _read(path):
    Image = import_extra("PIL.Image", needed_by="photographs")
    try:
        with Image.open(path, formats=["JPEG", "PNG"]) as image:
            return np.array(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is not a whole photograph: {error}. Install its package again.") from error


def _shrunk(picture, factor, path):
    if factor == 1:
        return picture
    height, width = (side // factor for side in picture.shape[:2])
    if not (height and width):
        raise ValueError(
            f"`shrink` must fit into {path.name}, {picture.shape[:2]}. Received: shrink={factor}."
        )
    squares = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return np.rint(squares.mean(axis=(1, 3))).astype(np.uint8)
