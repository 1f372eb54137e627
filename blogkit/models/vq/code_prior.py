"""Autoregressive prior over maps of codes."""

import math
import numbers

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_rate
from blogkit.layers import CausalBlock
from blogkit.models.saved_seeds import SavedSeeds
from blogkit.ops import collect, compiled, has_values, random_key, stateless_uniform

SMALLEST = 2.0**-24  # a uniform number of 0 would give an infinite Gumbel number


@keras.saving.register_keras_serializable("blogkit")
class CodePrior(SavedSeeds, keras.Model):
    """Autoregressive self-attention over maps of codes, such as those of a VectorQuantizer.

    In raster order, with c_t the code of cell t = row * width + column,

        log P(c) = sum_t log P(c_t | c_0, ..., c_{t-1})

    The input at t is E[c_{t-1}] + R[t // width] + C[t % width]: the embedding of the previous code
    (of a start token at t = 0) and of the row and column of cell t (kexue.fm/archives/6760, the
    prior of bojone's `vq_vae_keras.py`, whose positions are correct for square maps only, because
    they divide by the number of rows). Blocks of causal self-attention
    (`blogkit.layers.CausalBlock`) and a softmax over the codes follow.

    Codes are both inputs and targets: `fit(codes, codes)` with
    `SparseCategoricalCrossentropy(from_logits=True)` is maximum likelihood; the loss is the
    mean over cells in nats. A code out of range is an error in eager code only, not in `fit` on
    JAX and TensorFlow.

    Saving the model or its weights includes the states of its random seeds, so that
    `blogkit.models.resumable_fit` resumes to the same weights with `ShuffledBatches((codes, codes))`;
    Keras does not save the state of its own shuffling.

    Args:
        num_codes: Number of codes, at least 2.
        height, width: Size of the maps.
        dim: Width of the blocks.
        num_layers: Number of blocks.
        num_heads: Attention heads per block. Must divide `dim`.
        dropout: Rate after the embedding and in the blocks.
        seed: Seed of the dropout masks, a non-negative integer, or None.

    Call arguments:
        codes: Integers `(batch, height, width)`.
        training: Whether to apply dropout.

    Returns:
        Logits `(batch, height, width, num_codes)` in float32. Those of a cell depend only on
        earlier cells.

    Raises:
        ValueError: For a size, rate, seed, count or temperature out of range, and for maps of
            another size, with codes out of range or not integers.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import CodePrior
    >>> prior = CodePrior(num_codes=4, height=2, width=3, dim=8, num_layers=1, num_heads=2)
    >>> tuple(prior(np.zeros((5, 2, 3), "int32")).shape)
    (5, 2, 3, 4)
    >>> prior.sample(7, seed=0).shape
    (7, 2, 3)
    """

    def __init__(
        self,
        num_codes: int,
        height: int,
        width: int,
        dim: int,
        num_layers: int,
        num_heads: int,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ):
        check_count("num_codes", num_codes, low=2)
        check_count("height", height)
        check_count("width", width)
        check_count("dim", dim)
        check_count("num_layers", num_layers)
        check_count("num_heads", num_heads)
        if dim % num_heads:
            raise ValueError(f"`num_heads` must divide `dim`. Received: dim={dim}, num_heads={num_heads}.")
        check_rate("dropout", dropout)
        if seed is not None:
            check_count("seed", seed, low=0)
        super().__init__(**kwargs)
        self.num_codes = num_codes
        self.height = height
        self.width = width
        self.dim = dim
        self.num_layers = num_layers
        self.num_heads = num_heads
        self.dropout = dropout
        self.seed = seed
        seeds = [None if seed is None else int(random_key(seed, n)[0] >> 1) for n in range(num_layers + 1)]
        options = dict(dtype=self.dtype_policy)
        self.code_embedding = keras.layers.Embedding(num_codes + 1, dim, name="code_embedding", **options)
        self.embedding_dropout = keras.layers.Dropout(dropout, seed=seeds[0], **options)
        self.blocks = [CausalBlock(dim, num_heads, dropout, seed=s, **options) for s in seeds[1:]]
        self.norm = keras.layers.LayerNormalization(name="norm", **options)
        self.to_logits = keras.layers.Dense(num_codes, name="to_logits", dtype="float32")
        self._draw = compiled(self._draw_maps)

    def build(self, codes_shape=None):
        positions = (None, self.height * self.width)
        small = keras.initializers.RandomUniform(-0.05, 0.05)  # as keras.layers.Embedding
        self.row_embedding = self.add_weight((self.height, self.dim), small, name="row_embedding")
        self.column_embedding = self.add_weight((self.width, self.dim), small, name="column_embedding")
        self.code_embedding.build(positions)
        for layer in (*self.blocks, self.norm, self.to_logits):
            layer.build((*positions, self.dim))
        self.built = True

    def call(self, codes, training=False):
        _check_codes(codes, num_codes=self.num_codes, height=self.height, width=self.width)
        cells = self.height * self.width
        tokens = ops.reshape(ops.cast(codes, "int32") + 1, (-1, cells))  # 0 is the start
        tokens = ops.pad(tokens[:, :-1], [[0, 0], [1, 0]])
        x = self.code_embedding(tokens) + self.position_embedding()
        x = self.embedding_dropout(x, training=training)
        for block in self.blocks:
            x = block(x, training=training)
        return ops.reshape(self.to_logits(self.norm(x)), (-1, self.height, self.width, self.num_codes))

    def position_embedding(self):
        """`R[t // width] + C[t % width]` for every cell t, `(height * width, dim)`."""
        table = ops.expand_dims(self.row_embedding, 1) + ops.expand_dims(self.column_embedding, 0)
        return ops.cast(ops.reshape(table, (-1, self.dim)), self.compute_dtype)

    def empty_caches(self, count):
        """Empty caches for the steps of `count` maps."""
        return tuple(block.empty_cache(count, self.height * self.width) for block in self.blocks)

    def step(self, tokens, position, caches: tuple):
        """Logits at one position, from the token before it and the caches of earlier steps.

        Args:
            tokens: Integers `(batch,)`: the code of the previous cell plus 1, or 0 at position 0.
            position: Integer, or a tensor in compiled code.
            caches: Caches returned by the previous step, or `empty_caches`.

        Returns:
            Logits `(batch, num_codes)` in inference mode, and the caches with this position.
        """
        x = self.code_embedding(tokens) + ops.take(self.position_embedding(), position, axis=0)
        new = []
        for block, cache in zip(self.blocks, caches):
            x, cache = block.step(x, position, cache)
            new.append(cache)
        return self.to_logits(self.norm(x)), tuple(new)

    def sample(self, count: int, seed: int, temperature: float = 1.0) -> np.ndarray:
        """Draws maps, cell by cell.

        The code of a cell is drawn from softmax(logits / temperature) by the Gumbel-max trick: with
        independent Gumbel numbers g, argmax(logits + temperature * g) has that distribution.

        Args:
            count: Number of maps, drawn side by side. Memory grows with
                `count * height * width * dim * num_layers`; each count is compiled once.
            seed: Non-negative integer. Equal seeds draw equal maps on one backend.
            temperature: Below 1 sharper, above 1 flatter than the learned distribution.

        Returns:
            NumPy integers `(count, height, width)`.
        """
        check_count("count", count, 1)
        _check_temperature(temperature)
        key = random_key(seed)
        if not self.built:
            self.build()
        codes = self._draw(np.zeros(count, "int32"), key, np.float32(temperature))
        return ops.convert_to_numpy(codes).T.reshape(count, self.height, self.width)

    def log_likelihood(self, codes) -> np.ndarray:
        """log P of each map in nats, NumPy `(batch,)`; all maps of `codes` in one pass."""
        codes = ops.convert_to_tensor(codes)
        chosen = ops.expand_dims(ops.cast(codes, "int32"), -1)
        each = ops.take_along_axis(ops.log_softmax(self(codes), axis=-1), chosen, axis=-1)
        return ops.convert_to_numpy(ops.sum(each, axis=(1, 2, 3)))

    def _draw_maps(self, tokens, key, temperature):
        tokens = ops.convert_to_tensor(tokens)
        shape = (tokens.shape[0], self.num_codes)

        def draw(position, carry):
            tokens, caches = carry
            logits, caches = self.step(tokens, position, caches)
            uniform = ops.maximum(stateless_uniform(shape, key, position), SMALLEST)
            gumbel = -ops.log(-ops.log(uniform))
            codes = ops.cast(ops.argmax(logits + temperature * gumbel, axis=-1), "int32")
            return (codes + 1, caches), (codes,)

        carry = tokens, self.empty_caches(shape[0])
        _, (codes,) = collect(draw, carry, self.height * self.width, like=(tokens,))
        return codes

    def get_config(self):
        return {
            **super().get_config(),
            "num_codes": self.num_codes,
            "height": self.height,
            "width": self.width,
            "dim": self.dim,
            "num_layers": self.num_layers,
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "seed": self.seed,
        }


def _check_codes(codes, num_codes, height, width):
    """Raise unless `codes` are integer maps of this size and, in eager code, in range."""
    if len(codes.shape) != 3 or tuple(codes.shape[1:]) != (height, width):
        raise ValueError(
            f"`codes` must be maps of shape (batch, {height}, {width}). Received: shape {tuple(codes.shape)}."
        )
    if "int" not in keras.backend.standardize_dtype(codes.dtype):
        raise ValueError(f"`codes` must be integers. Received: dtype {codes.dtype}. Cast them.")
    if has_values(codes):
        values = np.asarray(ops.convert_to_numpy(codes))
        if values.size and not 0 <= values.min() <= values.max() < num_codes:
            raise ValueError(
                f"`codes` must be in [0, num_codes) with num_codes={num_codes}. "
                f"Received: codes from {values.min()} to {values.max()}."
            )


def _check_temperature(temperature):
    if not isinstance(temperature, numbers.Real) or not 0 < temperature < math.inf:
        raise ValueError(
            f"`temperature` must be a positive number. Received: temperature={temperature!r}. "
            "Near 0, such as 1e-6, each position takes its most probable code."
        )
