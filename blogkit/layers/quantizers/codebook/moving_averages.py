"""Moving averages of the vectors assigned to each code, and codes from them.

The numerics of sonnet's VectorQuantizerEMA (github.com/google-deepmind/sonnet): averages without
bias towards 0, Laplace smoothing of the counts.
"""

import math

from keras import ops


def updated_average(average, value, update, decay: float):
    """The average after its `update`-th value, counted from 1, without bias.

    With the recursion h_t = decay h_(t-1) + (1 - decay) v_t from h_0 = 0 the average is
    h_t / (1 - decay^t) (Kingma and Ba 2015, section 3). The unbiased average itself is stored:

        average_t = average_(t-1) + rate_t (v_t - average_(t-1)),
        rate_t = (1 - decay) / (1 - decay^t)

    Args:
        average, value: Tensors of the same shape.
        update: Integer tensor, at least 1.
        decay: Python number in [0, 1).

    Returns:
        Tensor of that shape.

    Example: the average of one value is that value.

    >>> float(updated_average(ops.zeros(()), 8.0, ops.cast(1, "int32"), decay=0.99))
    8.0
    """
    if decay == 0:
        return value + ops.zeros_like(average)
    # 1 - decay^t in float32 would lose its digits for the first t.
    exponent = ops.cast(update, average.dtype) * math.log(decay)
    return average + (1 - decay) / -ops.cast(ops.expm1(exponent), average.dtype) * (value - average)


def smoothed_codes(codebook, counts, sums, epsilon: float):
    """Codes as smoothed means, `e_k = sums_k / ((n_k + epsilon) / (n + K epsilon) n)`.

    n_k are the average numbers of vectors that a batch assigns to each code, n is their sum. Codes
    that never had a vector stay where they are; sonnet moves them to 0.

    Args:
        codebook, sums: Tensors `(heads, num_codes, dim)`.
        counts: Tensor `(heads, num_codes)`.
        epsilon: Python number.

    Returns:
        Tensor `(heads, num_codes, dim)`.
    """
    total = ops.sum(counts, axis=-1, keepdims=True)
    share = (counts + epsilon) / (total + counts.shape[-1] * epsilon)
    used = counts > 0
    smoothed = ops.where(used, share * total, 1.0)
    means = sums / smoothed[..., None]
    good = ops.logical_and(used[..., None], ops.isfinite(means))
    return ops.where(good, means, codebook)
