"""Checks of the arguments and inputs of vector quantizers."""

import numbers
import re

from keras import backend, ops

from blogkit.ops import has_values


def check_axis(axis: int) -> None:
    if isinstance(axis, bool) or not isinstance(axis, numbers.Integral) or axis == 0:
        raise ValueError(
            f"`axis` must be an integer other than 0, the batch axis. Received: axis={axis!r}. "
            "Use -1 for vectors along the last axis, 1 for channels first."
        )


def check_metric_suffix(suffix: str) -> None:
    if not isinstance(suffix, str) or not re.fullmatch(r"[\w.-]*", suffix):
        raise ValueError(
            "`metric_suffix` must be a string of letters, digits, '_', '.' and '-'. "
            f"Received: metric_suffix={suffix!r}."
        )


def check_dim(input_shape, axis: int, heads: int) -> int:
    """The length of the vectors, `input_shape[axis]`, if a codebook can be made for it."""
    if len(input_shape) < 2 or not -len(input_shape) < axis < len(input_shape):
        raise ValueError(
            "The input must have a batch axis and another axis of vectors. "
            f"Received: input shape {tuple(input_shape)}, axis={axis}."
        )
    dim = input_shape[axis]
    if dim is None:
        raise ValueError(
            "The length of the vectors must be known when the layer is built. "
            f"Received: input shape {tuple(input_shape)}, axis={axis}. Give `keras.Input` the number."
        )
    if dim == 0:
        raise ValueError(
            "Vectors must have at least one element. "
            f"Received: input shape {tuple(input_shape)}, axis={axis}. Check which axis holds the vectors."
        )
    if dim % heads:
        raise ValueError(
            "`heads` must divide the length of the vectors, since each head quantizes an equal part. "
            f"Received: heads={heads}, vectors of length {dim}."
        )
    return dim


def check_same_dim(shape, axis: int, dim: int, rank_at_least: int = 1) -> None:
    """Raises unless vectors of length `dim` lie along `axis`."""
    fits = len(shape) >= rank_at_least and -len(shape) <= axis < len(shape)
    if not fits or shape[axis] != dim:
        raise ValueError(
            f"The vectors along axis {axis} must have length {dim}, that of the codebook. "
            f"Received: input shape {tuple(shape)}. Build another layer for another length."
        )


def check_finite(inputs) -> None:
    """Raises in eager code; compiled code cannot."""
    # A sum that is finite has finite parts; the other way round it may be too large.
    if has_values(inputs) and not bool(ops.isfinite(ops.sum(inputs))):
        count = int(ops.sum(ops.cast(ops.logical_not(ops.isfinite(inputs)), "int32")))
        if count == 0:
            return
        raise ValueError(
            "The input must be finite: NaN and infinity have no nearest code. "
            f"Received: {count} such numbers in an input of shape {tuple(inputs.shape)}. "
            "Look for a loss that diverged, or a division by 0, before this layer."
        )


def check_codes(codes, num_codes: int, heads: int) -> None:
    """Raises unless `codes` are integers, of a shape that fits and, in eager code, in range."""
    dtype = backend.standardize_dtype(codes.dtype)
    if "int" not in dtype:
        raise ValueError(
            f"Codes must be integers. Received: codes of dtype {dtype}. Cast them: `codes.astype('int32')`."
        )
    if heads > 1 and (len(codes.shape) == 0 or codes.shape[-1] != heads):
        raise ValueError(
            "With several heads, codes must have one number per head along the last axis. "
            f"Received: codes of shape {tuple(codes.shape)}, heads={heads}."
        )
    if has_values(codes) and 0 not in codes.shape:
        least, most = int(ops.min(codes)), int(ops.max(codes))
        if least < 0 or most >= num_codes:
            raise ValueError(
                f"Codes must be from 0 to {num_codes - 1}, that is num_codes - 1. "
                f"Received: codes from {least} to {most}. "
                "Shift codes that reserve a number for padding or a start token."
            )


def check_mask(mask_shape, vectors_shape) -> None:
    """Raises unless the mask has one entry per vector, or per leading axes of them."""
    pairs = zip(mask_shape, vectors_shape)
    if len(mask_shape) > len(vectors_shape) or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        raise ValueError(
            "`mask` must have the shape of the input without the axis of the vectors. "
            f"Received: mask of shape {tuple(mask_shape)}, vectors of shape {tuple(vectors_shape)}."
        )


def check_enough(number: int, num_codes: int) -> None:
    if number < num_codes:
        raise ValueError(
            "k-means needs at least as many vectors as codes. "
            f"Received: {number} vectors, num_codes={num_codes}. Give `adapt` more data, or use fewer codes."
        )


def check_built(built: bool) -> None:
    if not built:
        raise ValueError(
            "The layer must be built before `decode`: the length of the vectors is unknown. "
            "Received: codes before any input. Call the layer, or `layer.build(input_shape)`, first."
        )


def check_adapted(init: str, adapted: bool) -> None:
    if init == "kmeans" and not adapted:
        raise ValueError(
            "init='kmeans' needs data before the first call. Received: a layer without data. "
            "Call `layer.adapt(data)`, or use init='first_batch'."
        )
