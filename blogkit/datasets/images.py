"""Labelled images in two parts, and how a set without an official split is split."""

import dataclasses

import numpy as np

SPLIT_SEED = 0  # sets without an official split are split the same way everywhere
VALIDATION_FRACTION = 0.2


@dataclasses.dataclass(frozen=True)
class Images:
    """Images split for training and validation.

    Attributes:
        x_train, x_valid: uint8 images `(rows, height, width, 3)`, or without
            the last axis where they are grey.
        y_train, y_valid: Labels, int64 `(rows,)`.
        name: What these rows are, for the claims table.
        stand_in: True unless these are the official rows, by their hash.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    name: str
    stand_in: bool


def split_by_class(labels, classes=10):
    """Row numbers `(train, valid)`: every class gives the same fraction to validation.

    The rows come out shuffled, the same way each time.

    Raises:
        ValueError: If no class has the 3 rows that leave one for validation.

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
            "a split needs 3 rows of a class or more, to keep one for validation. "
            f"Received: {len(labels)} rows."
        )
    order = rng.permutation(len(labels))  # anew, else classes with a full validation part come first
    return order[~valid[order]], order[valid[order]]


def checked(images, labels, shape, where):
    """`(images, int64 labels)`, if they are uint8 of that shape with one label 0 to 9 a row.

    Raises:
        ValueError: If not; `where` is what it calls them.
    """
    fits = images.shape[1:] == shape and images.dtype == np.uint8 and len(images)
    if not fits or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{where} needs uint8 images (rows, {', '.join(map(str, shape))}), one or more, with one "
            "label a row. "
            f"Received: images {images.dtype} {images.shape}, labels {labels.dtype} {labels.shape}."
        )
    wrong = labels[~np.isin(labels, np.arange(10))]
    if wrong.size:
        raise ValueError(f"{where} holds labels that are not 0 to 9, for example {wrong[0]!r}.")
    return images, labels.astype(np.int64)
