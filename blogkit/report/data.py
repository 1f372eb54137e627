"""Which data a run has read: rows and a checksum of their content, not of a file."""

import hashlib
import json

import numpy as np


def described(parts: dict) -> dict:
    """Rows and SHA-256 of each part of a data set, as JSON types.

    An array counts by its values, shape and dtype; anything else, such as a list of
    sentences or triples, by its JSON.

    Raises:
        ValueError: If a part has no length or cannot be written as JSON.

    Example:

    >>> parts = described({"train": np.zeros((3, 2)), "test": ["a", "b"]})
    >>> parts["train"]["rows"], parts["test"]["rows"], len(parts["test"]["sha256"])
    (3, 2, 64)
    """
    return {name: {"rows": _rows(name, rows), "sha256": content_hash(rows)} for name, rows in parts.items()}


def content_hash(rows) -> str:
    """SHA-256 of the content of an array, or of the JSON of other data; the same on every machine."""
    if isinstance(rows, np.ndarray) and rows.dtype != object:
        head = f"{rows.dtype.newbyteorder('<').str} {rows.shape}\n".encode()
        little = rows.astype(rows.dtype.newbyteorder("<"), copy=False)
        return hashlib.sha256(head + np.ascontiguousarray(little).tobytes()).hexdigest()
    text = json.dumps(rows, ensure_ascii=False, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _rows(name, rows):
    try:
        return len(rows)
    except TypeError as error:
        raise ValueError(f"`{name}` must be rows of data. Received: {name}={rows!r}.") from error


def _plain(value):
    """What JSON does not know: arrays, NumPy scalars, data classes and sets."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if hasattr(value, "__dict__"):
        return vars(value)
    if hasattr(value, "__slots__"):
        return {name: getattr(value, name) for name in value.__slots__}
    raise ValueError(f"Data must be arrays or what JSON can hold. Received: {value!r}.")
