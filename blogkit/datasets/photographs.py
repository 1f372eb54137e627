"""Colour photographs inside scikit-learn and scikit-image, and square patches of them."""

import dataclasses
import importlib.util
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from blogkit.checks import check_count
from blogkit.datasets.folder import MissingDataset
from blogkit.datasets.reading import reading
from blogkit.extras import import_extra, install_command
from blogkit.files_read import note

# Package, module, folder inside, file. Credits as in the notes of the packages.
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
    """Photographs for training, and held-out ones for evaluation.

    Attributes:
        train, held: Photographs by name, uint8 `(height, width, 3)`; sizes differ.
        name: Name of the data for the claims table.
        stand_in: True, because seven photographs stand in for a large set.
    """

    train: dict[str, np.ndarray]
    held: dict[str, np.ndarray]
    name: str
    stand_in: bool


def photographs(shrink: int = 1) -> Photographs:
    """Read seven colour photographs from two installed packages: five for training, two held out.

    Photographs are held out whole, because patches of one photograph are too similar for a fair
    evaluation. Authors and terms are listed in this module.

    Args:
        shrink: Factor of downscaling, so that a small patch shows more: each square of
            `shrink` x `shrink` pixels becomes its mean. Incomplete squares at the lower and
            right edge are dropped.

    Raises:
        ValueError: If `shrink` is not an integer from 1 to the shortest side, or a file is
            damaged.
        MissingDataset: If a package is not installed; names the package.

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


def patches(pictures: Mapping[str, np.ndarray], size: int, count: int, seed: int) -> np.ndarray:
    """Draw random squares from pictures; a picture's probability is its share of all pixels.

    Args:
        pictures: Pictures by name, uint8 `(height, width, 3)`, such as `photographs().train`.
        size: Side of a square in pixels.
        count: Number of squares.
        seed: Non-negative integer; equal seeds give equal squares.

    Returns:
        uint8 `(count, size, size, 3)`.

    Raises:
        ValueError: If a picture is smaller than a square or has another shape.

    Example:

    >>> patches(photographs().train, size=32, count=5, seed=0).shape
    (5, 32, 32, 3)
    """
    check_count("size", size)
    check_count("count", count)
    check_count("seed", seed, 0)
    if not isinstance(pictures, Mapping) or not pictures:
        raise ValueError(
            f"`pictures` must be a non-empty mapping of names to pictures. "
            f"Received: {type(pictures).__name__}."
        )
    for name, picture in pictures.items():
        if (
            picture.dtype != np.uint8
            or picture.ndim != 3
            or picture.shape[2] != 3
            or min(picture.shape[:2]) < size
        ):
            raise ValueError(
                f"`pictures` must be uint8 (height, width, 3) with sides of at least size={size} pixels. "
                f"Received: {name}, {picture.dtype} {picture.shape}."
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
    # importing the module would take seconds, and more memory than the pictures
    spec = importlib.util.find_spec(module)
    path = Path(spec.submodule_search_locations[0] if spec else module) / folder / file
    if not path.is_file():
        remedy = f"It lies inside the package {package}. {install_command('embedded')}"
        raise MissingDataset(f"The photograph {file}", path, remedy)
    return path


def _read(path):
    Image = import_extra("PIL.Image", needed_by="photographs")
    try:
        with reading(path, "a complete photograph"), Image.open(note(path), formats=["JPEG", "PNG"]) as image:
            return np.array(image.convert("RGB"))
    except ValueError as error:
        raise ValueError(f"{error}. Install its package again.") from error


def _shrunk(picture, factor, path):
    if factor == 1:
        return picture
    height, width = (side // factor for side in picture.shape[:2])
    if not (height and width):
        raise ValueError(
            f"`shrink` must be at most the shortest side of {path.name}, {picture.shape[:2]}. "
            f"Received: shrink={factor}."
        )
    squares = picture[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    return np.rint(squares.mean(axis=(1, 3))).astype(np.uint8)
