"""A codebook as weights of a layer: how it starts, learns and starts again."""

import keras
from keras import ops

from blogkit.layers.quantizers.code_usage import CodeUsage
from blogkit.layers.quantizers.codebook import (
    choose_rows,
    smoothed_codes,
    unit_vectors,
    updated_average,
    valid_everywhere,
)
from blogkit.ops import (
    accumulation_dtype,
    branch,
    random_key,
    segment_sum,
    sum_over_replicas,
)
from blogkit.ops.keras_internals import LossesPerReplica

FIRST_BATCH, RESTART = 1, 2  # streams of random numbers


class LearnedCodebook(LossesPerReplica):
    """What `VectorQuantizer` does to its codebook, apart from looking vectors up in it.

    A subclass has set the arguments of `VectorQuantizer` as attributes, `dim` and `_key`, before
    it calls `_build_codebook`. With `update="loss"` the codes are a trained variable; if they also
    start or restart from data, a second one is added to it, because within `fit` on JAX a call can
    only change what is not trained.
    """

    def _build_codebook(self):
        dtype = accumulation_dtype(self.variable_dtype)
        shape = (self.heads * self.num_codes, self.dim // self.heads)

        def state(name, shape, initializer="zeros", dtype=dtype, aggregation="mean"):
            # Equal on all replicas, whose mean leaves it as it is.
            return self.add_weight(
                name=name,
                shape=shape,
                initializer=initializer,
                dtype=dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
            )

        initializer = keras.initializers.RandomUniform(-0.05, 0.05, seed=int(self._key[0]))
        if self.update == "loss":
            self._codes = self.add_weight(
                name="codebook", shape=shape, initializer=initializer, dtype=dtype, autocast=False
            )
        else:
            self._codes = state("codebook", shape, initializer)
            self._sums = state("average_sums", shape)
        moves = self.init == "first_batch" or self.restart_threshold > 0
        self._shift = state("codebook_shift", shape) if self.update == "loss" and moves else None
        if self._keeps_counts:
            self._counts = state("average_counts", shape[:1])
        if self._keeps_counts or moves:
            self._updates = state("updates", (), dtype="int32", aggregation="only_first_replica")
        if self.init == "first_batch":
            self._started = state("started", (), dtype="int32", aggregation="only_first_replica")
        self._usage = CodeUsage(self.heads, self.num_codes, self.metric_suffix)
        self.perplexity, self.active_codes, self.commitment = self._usage.metrics

    @property
    def _keeps_counts(self):
        return self.update == "ema" or self.restart_threshold > 0

    @property
    def variables(self):
        """Includes the totals behind the metrics, which are no weights and are not saved."""
        return [*super().variables, *(self._usage.variables if self.built else [])]

    @property
    def codebook(self):
        """The codes, `(heads * num_codes, dim // heads)`, one head's after the other's.

        The variable that holds them, or a tensor where they are computed from more than one.
        """
        if self._shift is None and not self.normalize:
            return self._codes
        return self._codebook()

    def _codebook(self):
        # By 1, so that TensorFlow adds the gradients of a code up. As a list of rows they reach
        # the optimizer in several parts, which replicas cannot add.
        codes = 1.0 * ops.convert_to_tensor(self._codes)
        if self._shift is not None:
            codes = codes + ops.convert_to_tensor(self._shift)
        return unit_vectors(codes) if self.normalize else codes

    def assign_codebook(self, codes):
        """Gives the codes new values, of the shape of `codebook`; moving averages begin anew."""
        self._codes.assign(codes)
        # Averages of what the old codes got would pull the new ones back to these.
        for name in ("_shift", "_counts", "_sums", "_updates"):
            variable = getattr(self, name, None)
            if variable is not None:
                variable.assign(ops.zeros(variable.shape, variable.dtype))
        self._mark_started()

    def _mark_started(self):
        if self.init == "first_batch":
            self._started.assign(ops.ones((), "int32"))
        self._adapted = True

    def load_own_variables(self, store):
        super().load_own_variables(store)
        self._adapted = True

    def set_weights(self, weights):
        super().set_weights(weights)
        self._adapted = True

    @property
    def _updates_state(self):
        return self._keeps_counts or self.init == "first_batch"

    def _started_codebook(self, vectors, mask):
        """The codebook, after the first batch has made it where that is asked for."""
        if self.init != "first_batch":
            return self._codebook()
        started = ops.convert_to_tensor(self._started)
        present = ops.stop_gradient(self._codebook())
        valid = both(ops.all(ops.isfinite(vectors), axis=(1, 2)), mask)
        first, ready = self._candidates(started == 0, vectors, valid, FIRST_BATCH)
        self._move(ops.logical_and(started == 0, ready), first, present)
        self._started.assign(ops.maximum(started, ops.cast(ready, "int32")))
        return self._codebook()

    def _candidates(self, wanted, vectors, valid, stream):
        """Random vectors of all replicas for each code if `wanted`; whether there are any.

        `(heads * num_codes, dim // heads)`, equal on all replicas, which exchange which of their
        vectors are valid and then those chosen: outside of `branch`, where they could not.
        """
        key = random_key(int(self._key[0]) * 2**32 + int(self._key[1]), stream)
        step = ops.convert_to_tensor(self._updates)
        valid, start = valid_everywhere(valid)
        shape, ready = (self.num_codes, *vectors.shape[1:]), ops.any(valid)
        rows = branch(
            ops.logical_and(wanted, ready),
            lambda: choose_rows(vectors, valid, start, self.num_codes, key, step),
            lambda: ops.zeros(shape, vectors.dtype),
        )
        rows = ops.swapaxes(sum_over_replicas(rows), 0, 1)
        return ops.reshape(rows, self._codes.shape), ready

    def _move(self, which, codes, present):
        """Gives the codes at `which`, booleans, new values."""
        if self._shift is None:
            self._codes.assign(ops.where(which, codes, present))
        else:
            started = codes - ops.convert_to_tensor(self._codes)
            self._shift.assign(ops.where(which, started, ops.convert_to_tensor(self._shift)))

    def _add_statistics(self, vectors, codes, codebook, distances, valid, training):
        """Adds to the metrics' totals and, when training, to the averages, and restarts codes."""
        total = self.heads * self.num_codes
        # What does not count gets a number behind the codes.
        flat = ops.reshape(ops.where(valid[:, None], codes, total), (-1,))

        def sums(rows):
            return sum_over_replicas(segment_sum(rows, flat, total + 1)[:total])

        counts = sums(ops.ones(ops.shape(flat), vectors.dtype))
        squares = ops.sum(ops.where(valid, distances, 0.0))
        numbers = ops.sum(ops.cast(valid, vectors.dtype)) * self.dim
        self._usage.add(
            ops.reshape(counts, (self.heads, self.num_codes)),
            sum_over_replicas(squares),
            sum_over_replicas(numbers),
        )
        if not training or not self._keeps_counts:
            return
        update = ops.convert_to_tensor(self._updates)
        counts = updated_average(ops.convert_to_tensor(self._counts), counts, update, self.decay)
        averages = None
        if self.update == "ema":
            batch = sums(ops.reshape(vectors, (-1, self.dim // self.heads)))
            averages = updated_average(ops.convert_to_tensor(self._sums), batch, update, self.decay)
            by_head = [
                ops.reshape(t, (self.heads, self.num_codes, *t.shape[1:]))
                for t in (codebook, counts, averages)
            ]
            moved = ops.reshape(smoothed_codes(*by_head, self.epsilon), codebook.shape)
            codebook = unit_vectors(moved) if self.normalize else moved
            self._codes.assign(codebook)
        if self.restart_threshold:
            counts, averages = self._restart(codebook, counts, averages, vectors, valid)
        self._counts.assign(counts)
        if self.update == "ema":
            self._sums.assign(averages)

    def _restart(self, codebook, counts, sums, vectors, valid):
        """Codes below the threshold start again from random vectors, with its count."""
        threshold = float(self.restart_threshold)
        below = counts < threshold
        rows, present = self._candidates(ops.any(below), vectors, valid, RESTART)
        dead = ops.logical_and(below, present)
        self._move(dead[:, None], rows, codebook)
        if sums is not None:
            sums = ops.where(dead[:, None], threshold * rows, sums)
        return ops.where(dead, threshold, counts), sums


def both(condition, mask):
    return condition if mask is None else ops.logical_and(condition, mask)
