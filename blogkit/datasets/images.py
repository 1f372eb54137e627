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
