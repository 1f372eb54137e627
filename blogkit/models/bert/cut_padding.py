"""Cuts a batch to its longest text."""

import keras
import numpy as np

from blogkit.checks import check_count


def cut_padding(inputs, *rest, multiple: int | None = None):
    """A batch without the columns that are padding in all of its texts, for `ShuffledBatches(prepare=...)`.

    Padding changes no vector of a token, so the results are the same and less is computed.

    Args:
        inputs: int32 token ids `(batch, length)`, 0 at padding, or a dict of such `token_ids` and of
            arrays `(batch, length, ...)`, such as the `vectors` of `computed_once`.
        *rest: Labels and weights, which stay as they are. Positions in a text must be among its tokens.
        multiple: The new length is a multiple of this, at most the old length. By default 64 on JAX,
            which compiles a program for each length, and 8 elsewhere.

    Returns:
        `(inputs, *rest)`, or `inputs` alone without `rest`.

    Raises:
        ValueError: If `multiple` is not a positive integer, or another array has another length.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import cut_padding
    >>> ids, labels = cut_padding(np.array([[5, 6, 0, 0], [7, 0, 0, 0]]), np.array([1, 0]), multiple=2)
    >>> ids.tolist()
    [[5, 6], [7, 0]]
    """
    arrays = inputs if isinstance(inputs, dict) else {"token_ids": inputs}
    ids = np.asarray(arrays["token_ids"])
    for name, array in arrays.items():
        if np.shape(array)[:2] != ids.shape:
            raise ValueError(
                f"`inputs` must be arrays (batch, length, ...) of the same size, {ids.shape}. "
                f"Received: {name!r} of shape {np.shape(array)}."
            )
    used = np.flatnonzero(ids.any(axis=0))
    length = length_of_batch(used[-1] + 1 if len(used) else 1, ids.shape[1], multiple)
    found = {name: array[:, :length] for name, array in arrays.items()}
    found = found if isinstance(inputs, dict) else found["token_ids"]
    return (found, *rest) if rest else found


def length_of_batch(longest: int, at_most: int, multiple: int | None = None) -> int:
    """`longest`, rounded up to a multiple as in `cut_padding`, at most `at_most`."""
    if multiple is None:
        multiple = 64 if keras.backend.backend() == "jax" else 8
    check_count("multiple", multiple, 1)
    return min(at_most, -(-longest // multiple) * multiple)
