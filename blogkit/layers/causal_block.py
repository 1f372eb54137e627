"""Transformer block with causal self-attention, also one position at a time from a cache."""

import keras
from keras import ops

from blogkit.checks import check_count, check_rate
from blogkit.ops import random_key

MLP_RATIO = 4  # width of the hidden layer over that of the block, as in Vaswani et al.


@keras.saving.register_keras_serializable("blogkit")
class CausalBlock(keras.layers.Layer):
    """Pre-norm transformer block: causal self-attention, then a two-layer network at each position.

    With LN the layer normalization (pre-norm: Xiong et al. 2020, arXiv:2002.04745),

        y = x + attention(LN(x)),    output = y + W_2 gelu(W_1 LN(y))

    The attention is `keras.layers.MultiHeadAttention` with a causal mask. `step` is the same map
    for a single position: its dense layers give query, key and value, and the keys and values
    of earlier positions come from a cache, so that T positions cost T steps instead of T
    passes over all of them. A mask is neither used nor passed on.

    Args:
        dim: Width of inputs and outputs.
        num_heads: Attention heads, each of width `dim / num_heads`.
        dropout: Dropout rate of the attention weights and of both residual branches.
        seed: Seed of the dropout masks, a non-negative integer, or None.

    Call arguments:
        inputs: `(batch, positions, dim)`.
        training: Whether to apply dropout.

    Returns:
        `(batch, positions, dim)`; position t depends on the inputs at 0, ..., t.

    Raises:
        ValueError: If `num_heads` does not divide `dim`, or `dropout` is outside [0, 1).

    Example:

    >>> import numpy as np
    >>> from blogkit.layers import CausalBlock
    >>> block, x = CausalBlock(dim=8, num_heads=2), np.ones((5, 6, 8), "float32")
    >>> tuple(block(x).shape)
    (5, 6, 8)
    >>> last, cache = block.step(x[:, 0], 0, block.empty_cache(5, positions=6))
    >>> tuple(last.shape)
    (5, 8)
    """

    def __init__(self, dim: int, num_heads: int, dropout: float = 0.0, seed: int | None = None, **kwargs):
        check_count("dim", dim)
        check_count("num_heads", num_heads)
        if dim % num_heads:
            raise ValueError(f"`num_heads` must divide `dim`. Received: dim={dim}, num_heads={num_heads}.")
        check_rate("dropout", dropout)
        super().__init__(**kwargs)
        self.dim, self.num_heads, self.dropout, self.seed = dim, num_heads, dropout, seed
        options = dict(dtype=self.dtype_policy)
        seeds = [None if seed is None else int(random_key(seed, stream)[0] >> 1) for stream in range(3)]
        self.attention = keras.layers.MultiHeadAttention(
            num_heads, dim // num_heads, dropout=dropout, seed=seeds[0], name="attention", **options
        )
        self.attention_norm = keras.layers.LayerNormalization(name="attention_norm", **options)
        self.attention_dropout = keras.layers.Dropout(dropout, seed=seeds[1], **options)
        self.mlp_norm = keras.layers.LayerNormalization(name="mlp_norm", **options)
        self.hidden = keras.layers.Dense(MLP_RATIO * dim, activation="gelu", name="hidden", **options)
        self.output_dense = keras.layers.Dense(dim, name="output", **options)
        self.mlp_dropout = keras.layers.Dropout(dropout, seed=seeds[2], **options)

    def build(self, input_shape):
        self.attention.build(input_shape, input_shape)
        for layer in (self.attention_norm, self.mlp_norm, self.hidden):
            layer.build(input_shape)
        self.output_dense.build((*input_shape[:-1], MLP_RATIO * self.dim))
        self.built = True

    def call(self, inputs, training=False):
        x = self.attention_norm(inputs)
        x = self.attention(x, x, use_causal_mask=True, training=training)
        return self._after_attention(inputs, x, training)

    def empty_cache(self, batch, positions: int):
        """Keys and values before the first position, zeros, each `(batch, positions, heads, dim / heads)`."""
        shape = (batch, positions, self.num_heads, self.dim // self.num_heads)
        return tuple(ops.zeros(shape, self.compute_dtype) for _ in range(2))

    def step(self, inputs, position, cache: tuple):
        """The output at one position, from its input and the cache.

        Args:
            inputs: `(batch, dim)`.
            position: Integer, or a tensor in compiled code. Earlier positions must have been stepped.
            cache: The cache that the previous step returned, or `empty_cache`.

        Returns:
            Output `(batch, dim)` in inference mode, and the cache with this position.
        """
        x = self.attention_norm(ops.expand_dims(inputs, 1))
        positions = ops.reshape(ops.arange(cache[0].shape[1], dtype="int32"), (1, -1, 1, 1))
        new = self.attention.key_dense(x), self.attention.value_dense(x)
        keys, values = (ops.where(positions == position, n, old) for n, old in zip(new, cache))
        query = self.attention.query_dense(x) / (self.dim // self.num_heads) ** 0.5
        scores = ops.cast(ops.sum(query * keys, axis=-1, keepdims=True), "float32")
        weights = ops.softmax(ops.where(positions <= position, scores, -float("inf")), axis=1)
        mixed = ops.sum(ops.cast(weights, values.dtype) * values, axis=1, keepdims=True)
        x = self._after_attention(ops.expand_dims(inputs, 1), self.attention.output_dense(mixed), False)
        return x[:, 0], (keys, values)

    def _after_attention(self, inputs, attended, training):
        y = inputs + self.attention_dropout(attended, training=training)
        x = self.output_dense(self.hidden(self.mlp_norm(y)))
        return y + self.mlp_dropout(x, training=training)

    def get_config(self):
        own = {name: getattr(self, name) for name in ("dim", "num_heads", "dropout", "seed")}
        return {**super().get_config(), **own}
