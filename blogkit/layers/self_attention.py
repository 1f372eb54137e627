"""Self-attention of DGCNN: three projections, without biases or an output projection."""

import keras
from keras import ops

from blogkit.checks import check_count


@keras.saving.register_keras_serializable("blogkit")
class SelfAttention(keras.layers.Layer):
    """Multi-head self-attention over the positions of a text, without biases or output projection.

    For a head with matrices Q, K and V of `head_dim` columns,

        y_i = sum_j softmax_j((x_i Q) . (x_j K) / sqrt(head_dim)) x_j V

    over the positions j in the mask; the heads' outputs are concatenated. Unlike
    `keras.layers.MultiHeadAttention` it has no biases and no output projection
    (kexue.fm/archives/6671, code bojone/kg-2019).

    Args:
        num_heads: Number of heads.
        head_dim: Width of each head.

    Call arguments:
        inputs: `(batch, length, dim)`.
        mask: `(batch, length)`, or None if every position counts. Not passed on.

    Returns:
        `(batch, length, num_heads * head_dim)`, 0 outside the mask.

    Raises:
        ValueError: If `num_heads` or `head_dim` is not a positive integer.

    Example:

    >>> import numpy as np
    >>> from blogkit.layers import SelfAttention
    >>> tuple(SelfAttention(num_heads=8, head_dim=16)(np.ones((2, 7, 4), "float32")).shape)
    (2, 7, 128)
    """

    def __init__(self, num_heads: int = 8, head_dim: int = 16, **kwargs):
        check_count("num_heads", num_heads)
        check_count("head_dim", head_dim)
        super().__init__(**kwargs)
        self.supports_masking = True
        self.num_heads, self.head_dim = num_heads, head_dim

    def build(self, input_shape):
        shape = (input_shape[-1], self.num_heads * self.head_dim)
        self.query_kernel, self.key_kernel, self.value_kernel = (
            self.add_weight(shape, "glorot_normal", name=f"{name}_kernel")
            for name in ("query", "key", "value")
        )
        self.built = True

    def call(self, inputs, mask=None):
        length = inputs.shape[1]
        query, key, value = (
            ops.reshape(
                ops.matmul(inputs, ops.cast(kernel, self.compute_dtype)),
                (-1, length, self.num_heads, self.head_dim),
            )
            for kernel in (self.query_kernel, self.key_kernel, self.value_kernel)
        )
        if mask is None:
            return self._concatenated(ops.dot_product_attention(query, key, value))
        mask = ops.cast(mask, "bool")
        keys = ops.logical_or(mask, ~ops.any(mask, axis=1, keepdims=True))  # a softmax over nothing is NaN
        mixed = ops.dot_product_attention(query, key, value, mask=keys[:, None, None, :])
        return self._concatenated(mixed) * ops.cast(ops.expand_dims(mask, -1), self.compute_dtype)

    def _concatenated(self, heads):
        return ops.reshape(heads, (-1, heads.shape[1], self.num_heads * self.head_dim))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.num_heads * self.head_dim)

    def compute_mask(self, inputs, previous_mask=None):
        return None

    def get_config(self):
        return {**super().get_config(), "num_heads": self.num_heads, "head_dim": self.head_dim}
