"""Labelled images for training and validation, and the split of sets without an official one."""

import dataclasses
from pathlib import Path

import numpy as np

SPLIT_SEED = 0  # sets without an official split are split the same way everywhere
VALIDATION_FRACTION = 0.2


@dataclasses.dataclass(frozen=True)
class Images:
    """Images split for training and validation.

    Attributes:
        x_train, x_valid: uint8 images `(rows, height, width, 3)`, or
            `(rows, height, width)` if they are grey.
        y_train, y_valid: Labels, int64 `(rows,)`.
        name: Name of the data for the claims table.
        stand_in: True unless these are the official rows, by their hash.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    name: str
    stand_in: bool


def split_by_class(labels: np.ndarray, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Indices `(train, valid)` of rows, with the same fraction of every class in `valid`.

    The indices are shuffled with a fixed seed.

    Raises:
        ValueError: If no class has 3 rows, which leave one for validation.

    Example:

    >>> train, valid = split_by_class(np.repeat(np.arange(10), 5))
    >>> len(train), len(valid)
    (40, 10)
    """
    rng = np.random.default_rng(SPLIT_SEED)
    order = rng.permutation(len(labels))
    valid = np.zeros(len(labels), bool)
    for label in range(classes):
        rows = order[labels[order] == label]
        valid[rows[: round(VALIDATION_FRACTION * len(rows))]] = True
    if not valid.any():
        raise ValueError(
            "a split needs a class with at least 3 rows, to keep one for validation. "
            f"Received: {len(labels)} rows."
        )
    order = rng.permutation(len(labels))  # a new order, else classes with a full validation part come first
    return order[~valid[order]], order[valid[order]]


def checked(
    images: np.ndarray, labels: np.ndarray, shape: tuple[int, ...], where: str | Path
) -> tuple[np.ndarray, np.ndarray]:
    """`(images, int64 labels)` after a check: uint8 rows of that shape, one label 0 to 9 per row.

    Raises:
        ValueError: If the arrays differ from this; the message calls them `where`.
    """
    fits = images.shape[1:] == shape and images.dtype == np.uint8 and len(images)
    if not fits or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{where} needs uint8 images (rows, {', '.join(map(str, shape))}), at least one, "
            "and one label per row. "
            f"Received: images {images.dtype} {images.shape}, labels {labels.dtype} {labels.shape}."
        )
    wrong = labels[~np.isin(labels, np.arange(10))] if labels.dtype.kind in "iuf" else labels
    if wrong.size:
        raise ValueError(f"{where} has labels that are not 0 to 9, for example {wrong[0]!r}.")
    return images, labels.astype(np.int64)
