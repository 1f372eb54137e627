"""cumax, the cumulative softmax: a differentiable step from 0 to 1."""

import keras
from keras import ops

from blogkit.ops.largest import largest


def cumax(x, axis: int = -1):
    """Cumulative softmax, a staircase that climbs from 0 to 1 along `axis`, never above.

        cumax(x)[k] = sum over i <= k of softmax(x)[i]

    is the probability that a split point drawn from softmax(x) lies at or before `k` (Shen
    et al., "Ordered Neurons", ICLR 2019, arXiv:1810.09536, section 4.1; equation 3).

    Sums in float32 also for float16 and bfloat16, where adding up 1,150 levels in the low
    precision would be off by a third. What is added is exp(x - max x), and the sums are
    divided by the last of them: adding up a softmax ends above 1 in float32 in many rows.

    Args:
        x: Tensor of logits, any shape.
        axis: The axis of the levels.

    Returns:
        Tensor of the shape and, if that is floating point, of the dtype of `x`.

    Example: softmax([0, log 2, 0]) is [1/4, 1/2, 1/4].

    >>> import numpy as np
    >>> from blogkit.ops import cumax
    >>> gate = cumax(np.log([[1.0, 2.0, 1.0]]))
    >>> keras.ops.convert_to_numpy(gate).round(4).tolist()
    [[0.25, 0.75, 1.0]]
    """
    x = ops.convert_to_tensor(x)
    dtype = keras.backend.standardize_dtype(x.dtype)
    if "float" not in dtype:
        dtype = "float32"
    wide = accumulation_dtype(dtype)
    logits = ops.moveaxis(ops.cast(x, wide), axis, -1)
    weights = ops.exp(logits - ops.stop_gradient(largest(logits)))
    sums = ops.cumsum(weights, axis=-1)
    # A sum in parallel may end a rounding below one of its terms; XLA divides by multiplying.
    gate = ops.minimum(sums / sums[..., -1:], 1)
    return ops.cast(ops.moveaxis(gate, -1, axis), dtype)


def accumulation_dtype(dtype: str) -> str:
    """The dtype in which to sum values of a floating-point `dtype`: at least float32."""
    return "float64" if dtype == "float64" else "float32"
