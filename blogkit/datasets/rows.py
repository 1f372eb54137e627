"""Rows of text for training and validation, and the split of sets without an official one."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from blogkit.datasets.images import SPLIT_SEED, VALIDATION_FRACTION


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows split for training and validation.

    Attributes:
        train, valid: Lists of rows; the reader defines the type of a row.
        name: Name of the data for the claims table.
        stand_in: True unless these are the official rows.
    """

    train: list
    valid: list
    name: str
    stand_in: bool


def split_by_text(rows: list, text: Callable[..., str], what: str = "texts") -> tuple[list, list]:
    """Rows `(train, valid)`, shuffled with a fixed seed; one in five distinct texts is in `valid`.

    At least one text is in `valid`. Rows with equal texts stay together: a split by
    rows would put copies of one text into both parts.

    Args:
        rows: The rows.
        text: Function from a row to its text.
        what: Name of the texts in error messages.

    Raises:
        ValueError: If there are fewer than 2 texts.

    Example:

    >>> train, valid = split_by_text(["a", "b", "a", "c", "d", "e"], str)
    >>> len(set(train)), len(set(valid)), set(train) & set(valid)
    (4, 1, set())
    """
    texts = list(dict.fromkeys(map(text, rows)))
    held_out = max(1, round(VALIDATION_FRACTION * len(texts)))
    if len(texts) < 2:
        raise ValueError(f"a split needs at least 2 different {what}. Received: {len(texts)}.")
    rng = np.random.default_rng(SPLIT_SEED)
    valid = {texts[index] for index in rng.permutation(len(texts))[:held_out]}
    shuffled = [rows[index] for index in rng.permutation(len(rows))]
    return [row for row in shuffled if text(row) not in valid], [
        row for row in shuffled if text(row) in valid
    ]


def parts_of(
    path: Path,
    valid_path: Path | None,
    read: Callable[[Path], list],
    text: Callable[..., str],
    what: str = "texts",
) -> tuple[list, list]:
    """`(train, valid)` rows of two files, or of one file that is split by text."""
    rows = read(path)
    if valid_path:
        return rows, read(valid_path)
    try:
        return split_by_text(rows, text, what)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
