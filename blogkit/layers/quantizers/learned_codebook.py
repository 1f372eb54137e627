"""A codebook that starts from data, learns by moving averages and restarts unused codes."""

from collections.abc import Callable

import keras
from keras import ops

from blogkit.layers.quantizers.codebook import (
    draw_codes,
    nearest_codes,
    smoothed_codes,
    unit_vectors,
    updated_average,
)
from blogkit.layers.quantizers.codebook_settings import CodebookSettings
from blogkit.layers.quantizers.codebook_state import CodebookState
from blogkit.ops import random_key, segment_sum, sum_over_replicas

FIRST_BATCH, RESTART = 1, 2  # streams of random numbers


class LearnedCodebook:
    """The codebook of a `VectorQuantizer`, with one part per head.

    A training call uses `start`, `nearest` and `learn`, in this order. Codes there are rows of the whole
    codebook, from 0 to `heads * num_codes - 1`.

    Args:
        add_weight: `keras.layers.Layer.add_weight` of the owner.
        dim: Length of the vectors, of all heads together.
        dtype: Dtype of the codes and averages, float32 or float64.
        key: Two integers, the seed of all random choices.
        settings: `CodebookSettings`.
    """

    def __init__(self, add_weight: Callable, dim: int, dtype: str, key, settings: CodebookSettings):
        self.settings = settings
        self.size = settings.heads * settings.num_codes
        self._first_key, self._restart_key = (
            random_key(int(key[0]) * 2**32 + int(key[1]), stream) for stream in (FIRST_BATCH, RESTART)
        )
        self.state = CodebookState(
            add_weight,
            shape=(self.size, dim // settings.heads),
            dtype=dtype,
            initializer=keras.initializers.RandomUniform(-0.05, 0.05, seed=int(key[0])),
            trained=settings.update == "loss",
            starts=settings.init == "first_batch",
            restarts=settings.restart_threshold > 0,
            normalize=settings.normalize,
        )

    def start(self, vectors, mask):
        """Counts a training call and returns the codes, made from the first batch if `init` says so.

        Args:
            vectors: Tensor `(number, heads, dim // heads)`, without a gradient.
            mask: Booleans `(number,)`, or None. Vectors that are not finite never become codes.
        """
        state = self.state
        if state.updates is not None:
            state.updates.assign(state.updates + 1)
        if state.started is None:
            return state.read()
        started = ops.convert_to_tensor(state.started)
        present = ops.stop_gradient(state.read())
        valid = ops.all(ops.isfinite(vectors), axis=(1, 2))
        valid = valid if mask is None else ops.logical_and(valid, mask)
        first, ready = self._draw(started == 0, vectors, valid, self._first_key)
        state.move(ops.logical_and(started == 0, ready), first, present)
        state.started.assign(ops.maximum(started, ops.cast(ready, "int32")))
        return state.read()

    def nearest(self, vectors, codebook):
        """Codes `(number, heads)` of vectors `(number, heads, dim // heads)`."""
        heads, num_codes = self.settings.heads, self.settings.num_codes
        parts = ops.split(codebook, heads) if heads > 1 else [codebook]
        found = [
            nearest_codes(vectors[:, head], part, self.settings.chunk_size) + head * num_codes
            for head, part in enumerate(parts)
        ]
        return ops.stack(found, axis=1)

    def encode(self, vectors):
        """Codes `(number, heads)` from 0 to `num_codes - 1`, outside of training."""
        return self.nearest(vectors, self.state.read()) - self._offsets()

    def decode(self, codes):
        """Vectors `(number, heads, dim // heads)` of codes from 0 to `num_codes - 1`."""
        codes = ops.cast(ops.reshape(codes, (-1, self.settings.heads)), "int32")
        return ops.take(self.state.read(), codes + self._offsets(), axis=0)

    def _offsets(self):
        return self.settings.num_codes * ops.arange(self.settings.heads, dtype="int32")

    def learn(self, vectors, codes, valid, codebook, training: bool):
        """Updates averages and codes if `training`; returns how many vectors each code got.

        Args:
            vectors: Tensor `(number, heads, dim // heads)`.
            codes: Their codes `(number, heads)`.
            valid: Booleans `(number,)`: which vectors count.
            codebook: The codes that the vectors were compared with, without a gradient.
            training: Whether to update.

        Returns:
            Counts `(heads, num_codes)` over all replicas.
        """
        # What does not count gets a place behind the codes.
        places = ops.reshape(ops.where(valid[:, None], codes, self.size), (-1,))
        counts = self._sum_by_code(ops.ones(ops.shape(places), vectors.dtype), places)
        if training and self.state.counts is not None:
            self._update(vectors, valid, places, counts, codebook)
        return ops.reshape(counts, (self.settings.heads, self.settings.num_codes))

    def _sum_by_code(self, values, places):
        return sum_over_replicas(segment_sum(values, places, self.size + 1)[: self.size])

    def _update(self, vectors, valid, places, counts, codebook):
        state, decay, sums = self.state, self.settings.decay, None
        update = ops.convert_to_tensor(state.updates)
        counts = updated_average(ops.convert_to_tensor(state.counts), counts, update, decay)
        if state.sums is not None:
            batch = self._sum_by_code(ops.reshape(vectors, (-1, vectors.shape[-1])), places)
            sums = updated_average(ops.convert_to_tensor(state.sums), batch, update, decay)
            codebook = self._means(codebook, counts, sums)
            state.codes.assign(codebook)
        if self.settings.restart_threshold:
            counts, sums = self._restart(vectors, valid, counts, sums, codebook)
        state.counts.assign(counts)
        if sums is not None:
            state.sums.assign(sums)

    def _means(self, codebook, counts, sums):
        lead = (self.settings.heads, self.settings.num_codes)
        by_head = [ops.reshape(t, (*lead, *t.shape[1:])) for t in (codebook, counts, sums)]
        means = ops.reshape(smoothed_codes(*by_head, self.settings.epsilon), codebook.shape)
        return unit_vectors(means) if self.settings.normalize else means

    def _restart(self, vectors, valid, counts, sums, codebook):
        """Restarts codes below the threshold from random vectors, with the threshold as their count."""
        threshold = float(self.settings.restart_threshold)
        below = counts < threshold
        rows, ready = self._draw(ops.any(below), vectors, valid, self._restart_key)
        dead = ops.logical_and(below, ready)
        self.state.move(dead[:, None], rows, codebook)
        if sums is not None:
            sums = ops.where(dead[:, None], threshold * rows, sums)
        return ops.where(dead, threshold, counts), sums

    def _draw(self, wanted, vectors, valid, key):
        step = ops.convert_to_tensor(self.state.updates)
        return draw_codes(wanted, vectors, valid, self.settings.num_codes, key, step)
