"""Rows of text in two parts, and how a set without an official split is split."""

import dataclasses

import numpy as np

from blogkit.datasets.images import SPLIT_SEED, VALIDATION_FRACTION


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows split for training and validation.

    Attributes:
        train, valid: Lists of rows; the reader says what a row is.
        name: What these rows are, for the claims table.
        stand_in: True unless these are the official rows.
    """

    train: list
    valid: list
    name: str
    stand_in: bool


def split_by_text(rows, text, what="texts"):
    """Rows `(train, valid)`, 4 : 1 of the distinct texts but one at least, shuffled the same way each time.

    Rows with equal texts stay together: where a text has many copies, a split
    by rows would put some of them on both sides.

    Args:
        rows: The rows.
        text: Function from a row to its text.
        what: What errors call these.

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
        raise ValueError(f"a split needs 2 different {what} or more. Received: {len(texts)}.")
    rng = np.random.default_rng(SPLIT_SEED)
    valid = {texts[index] for index in rng.permutation(len(texts))[:held_out]}
    shuffled = [rows[index] for index in rng.permutation(len(rows))]
    return [row for row in shuffled if text(row) not in valid], [
        row for row in shuffled if text(row) in valid
    ]


def parts_of(path, valid_path, read, text, what="texts"):
    """(train, valid) rows of two files, or of one that is split by text."""
    rows = read(path)
    if valid_path:
        return rows, read(valid_path)
    try:
        return split_by_text(rows, text, what)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
