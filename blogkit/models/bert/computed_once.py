"""Output of frozen layers, computed once for each text and kept in a file."""

import hashlib
import os
import secrets
from pathlib import Path

import keras
import numpy as np

from blogkit.checks import check_count
from blogkit.models.bert.cut_padding import cut_padding
from blogkit.models.bert.token_vectors import encoder_inputs


def computed_once(
    lower: keras.Model,
    ids: np.ndarray,
    *,
    folder: str | Path | None = None,
    batch_size: int = 64,
    dtype: str = "float32",
) -> np.ndarray:
    """Vectors `(rows, length, dim)` of the lower part of an encoder; at padding they mean nothing.

    Texts of about equal length are computed together, so that little of it is padding.

    A file in `folder` is named by a hash of the ids, of all weights and of the layers, so that other
    texts or weights are never mistaken for these.

    Args:
        lower: First result of `split_encoder`; without dropout, as in inference.
        ids: int32 token ids `(rows, length)`, 0 at padding.
        folder: Where to keep the vectors; they are read from there the next time, memory-mapped.
            None to compute them without keeping them.
        batch_size: Rows at a time.
        dtype: `"float32"` or `"float16"`, which takes half the memory.

    Raises:
        ValueError: If `ids` are not such an array, or `dtype` is another one.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import bert_encoder, split_encoder
    >>> encoder = bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=2, max_length=8)
    >>> lower, upper = split_encoder(encoder, 1)
    >>> computed_once(lower, np.array([[3, 7, 4, 0]])).shape
    (1, 4, 4)
    """
    ids = np.asarray(ids)
    check_count("batch_size", batch_size)
    if ids.ndim != 2 or not len(ids) or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(f"`ids` must be integers (rows, length). Received: {ids.dtype} {ids.shape}.")
    if dtype not in ("float32", "float16"):
        raise ValueError(f"`dtype` must be 'float32' or 'float16'. Received: dtype={dtype!r}.")
    if folder is None:
        return _computed(lower, ids, batch_size, np.empty(_shape(lower, ids), dtype))
    path = Path(folder) / f"vectors-{_digest(lower, ids, dtype)}.npy"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            place = np.lib.format.open_memmap(partial, "w+", np.dtype(dtype), _shape(lower, ids))
            _computed(lower, ids, batch_size, place)
            place.flush()
            del place
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    return np.load(path, mmap_mode="r")


def _shape(lower, ids):
    return (*ids.shape, lower.output.shape[-1])


def _computed(lower, ids, batch_size, place):
    """Fill `place`. A shorter last batch is filled up with empty rows, so that it has no shape of its own."""
    order = np.argsort((ids != 0).sum(axis=1), kind="stable")
    for start in range(0, len(ids), batch_size):
        rows = order[start : start + batch_size]
        batch = np.zeros((min(batch_size, len(ids)), ids.shape[1]), "int32")
        batch[: len(rows)] = ids[rows]
        batch = cut_padding(batch)
        found = lower.predict_on_batch(
            {name: keras.ops.convert_to_numpy(value) for name, value in encoder_inputs(batch).items()}
        )
        place[rows, : batch.shape[1]] = keras.ops.convert_to_numpy(found)[: len(rows)]
        place[rows, batch.shape[1] :] = 0
    return place


def _digest(lower, ids, dtype):
    digest = hashlib.sha256(f"{dtype} {ids.shape}".encode())
    digest.update(np.ascontiguousarray(ids, "<i8").tobytes())
    digest.update(lower.to_json().encode())
    for variable in lower.weights:
        digest.update(np.ascontiguousarray(keras.ops.convert_to_numpy(variable)).tobytes())
    return digest.hexdigest()[:24]
