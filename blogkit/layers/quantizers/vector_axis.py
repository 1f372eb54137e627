"""Vectors along any axis of an input, as quantizers read and write them."""

from keras import ops

from blogkit.layers.quantizers.vector_quantizer_arguments import check_mask


def vectors_last(x, axis: int, dtype: str):
    """`x` in `dtype`, with the vectors' `axis` moved to the end."""
    x = ops.cast(x, dtype)
    return ops.moveaxis(x, axis, -1) if axis != -1 else x


def vectors_at(x, axis: int, dtype: str):
    """`x` in `dtype`, with the last axis moved to `axis`: the inverse of `vectors_last`."""
    x = ops.cast(x, dtype)
    return ops.moveaxis(x, -1, axis) if axis != -1 else x


def mask_of_vectors(mask, shape: tuple):
    """A mask as booleans with one axis, one per vector of an input.

    Args:
        mask: `shape` without its last axis, or the first axes of that; or None.
        shape: Shape of the input with the vectors last, with tensors for what is unknown.

    Returns:
        Booleans `(number,)`, or None.

    Raises:
        ValueError: If the mask has another shape.
    """
    if mask is None:
        return None
    mask = ops.cast(mask, "bool")
    check_mask(mask_shape=mask.shape, vectors_shape=shape[:-1])
    mask = ops.reshape(mask, (*ops.shape(mask), *[1] * (len(shape) - 1 - len(mask.shape))))
    return ops.reshape(ops.broadcast_to(mask, shape[:-1]), (-1,))


def mean_over_vectors(values, mask, dim: int):
    """Mean over the elements of vectors whose sums are `values`; 0 without vectors.

    A replica may get no vectors at the end of an epoch.

    Args:
        values: Tensor `(number,)`, the sum over the elements of each vector.
        mask: Booleans `(number,)`, or None for all vectors.
        dim: Number of elements of a vector.
    """
    kept = ops.ones_like(values, "bool") if mask is None else mask
    number = ops.sum(ops.cast(kept, values.dtype)) * dim
    return ops.sum(ops.where(kept, values, 0.0)) / ops.maximum(number, 1.0)
