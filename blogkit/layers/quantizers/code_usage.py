"""Keras metrics of codebook usage: perplexity, active codes and commitment."""

import keras
from keras import ops

from blogkit.ops import sum_over_replicas


class CodeUsage:
    """Running totals of a quantizer since the last reset, and three metrics that read them.

    With c_k the share of the vectors that code k got since the start of the epoch,

        perplexity = exp(- sum over k of c_k log c_k)
        active codes = number of codes with c_k > 0
        commitment = mean squared difference of input and code

    With several heads the first two are means over the heads. They are computed over all batches
    together: a mean of perplexities per batch would depend on the batch size.

    The totals are not metric variables: on JAX, `fit` loses what a layer adds to those. As state of
    the layer they reach the results at the end of each epoch, where History and callbacks
    read them; between batches, the progress bar shows 0 on JAX.

    Args:
        heads, num_codes: Shape of the counts.
        suffix: End of the metrics' names, where a model has several quantizers.
    """

    def __init__(self, heads: int, num_codes: int, suffix: str = ""):
        def total(shape, name):
            # Each replica adds the sum over all replicas.
            return keras.Variable(
                "zeros",
                shape=shape,
                dtype="float32",
                trainable=False,
                autocast=False,
                aggregation="only_first_replica",
                name=name,
            )

        self.counts = total((heads, num_codes), "usage_counts")
        self.squares = total((), "usage_squares")
        self.numbers = total((), "usage_numbers")
        self.metrics = [
            _Reading(self, "perplexity" + suffix, self.perplexity),
            _Reading(self, "active_codes" + suffix, self.active_codes),
            _Reading(self, "commitment" + suffix, self.commitment),
        ]

    @property
    def variables(self) -> list:
        return [self.counts, self.squares, self.numbers]

    def add(self, counts, distances, valid, dim: int) -> None:
        """Adds a batch to the totals.

        Args:
            counts: Vectors per code `(heads, num_codes)`, of all replicas.
            distances: Squared distance of each vector to its code, of this replica.
            valid: Booleans of the same shape: which vectors count.
            dim: Length of the vectors.
        """
        squares = sum_over_replicas(ops.sum(ops.where(valid, distances, 0.0)))
        numbers = sum_over_replicas(ops.sum(ops.cast(valid, distances.dtype)) * dim)
        for variable, value in zip(self.variables, (counts, squares, numbers)):
            variable.assign_add(ops.cast(value, "float32"))

    def reset(self) -> None:
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))

    def perplexity(self):
        counts = _value(self.counts)
        total = ops.sum(counts, axis=-1, keepdims=True)
        share = ops.divide_no_nan(counts, total)
        entropy = -ops.sum(share * ops.log(ops.maximum(share, 1e-37)), axis=-1)
        return ops.mean(ops.where(total[:, 0] > 0, ops.exp(entropy), 0.0))

    def active_codes(self):
        return ops.mean(ops.sum(ops.cast(_value(self.counts) > 0, "float32"), axis=-1))

    def commitment(self):
        return ops.divide_no_nan(_value(self.squares), _value(self.numbers))


def _value(variable):
    try:
        return ops.convert_to_tensor(variable)
    except TypeError:
        # Keras' JAX trainer removes the values of the variables while it compiles a step, and asks
        # for the metrics' results there, too.
        return ops.zeros(variable.shape, variable.dtype)


class _Reading(keras.metrics.Metric):
    """A metric without variables of its own."""

    def __init__(self, usage, name, read):
        super().__init__(name=name)
        self._usage, self._read = usage, read

    def update_state(self, *args, **kwargs):
        """The layer adds to the totals itself."""

    def reset_state(self):
        self._usage.reset()

    def result(self):
        return self._read()
