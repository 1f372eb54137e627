"""Residual vector quantization layer: each quantizer encodes the residual of the previous ones."""

import keras
from keras import ops

from blogkit.checks import check_count
from blogkit.layers.quantizers.codebook import rotation_trick as turned
from blogkit.layers.quantizers.vector_axis import vectors_at, vectors_last
from blogkit.layers.quantizers.vector_quantizer import VectorQuantizer
from blogkit.layers.quantizers.vector_quantizer_arguments import (
    check_axis,
    check_dim,
    check_mask,
    check_metric_suffix,
    check_same_dim,
)
from blogkit.ops import accumulation_dtype, random_key, straight_through
from blogkit.ops.keras_internals import LossesPerReplica

OF_QUANTIZERS = ("update", "commitment_cost", "decay", "epsilon", "restart_threshold", "init", "chunk_size")


@keras.saving.register_keras_serializable("blogkit")
class ResidualVectorQuantizer(LossesPerReplica):
    """Represents a vector by the sum of several codes, from coarse to fine.

    With Q_j the quantizers (Zeghidour et al. 2021, "SoundStream", arXiv:2107.03312, algorithm 1),

        r_1 = x,    r_(j+1) = r_j - Q_j(r_j),    output = Q_1(r_1) + Q_2(r_2) + ...

    The gradient of the output is passed to x once, not once per quantizer. Each quantizer has the
    losses of a `VectorQuantizer`, on its residual. `num_quantizers` codebooks of K codes need as many
    bits as one of K^num_quantizers.

    Args:
        num_quantizers: Number of codes per vector.
        num_codes: Size of each codebook.
        shared: Whether all use one codebook, which each then updates in turn.
        rotation_trick, axis, seed: As for `VectorQuantizer`.
        metric_suffix: As for `VectorQuantizer`; followed by `_1`, `_2`, ... of each quantizer unless
            `shared`.
        **kwargs: `update`, `commitment_cost`, `decay`, `epsilon`, `restart_threshold`, `init` and
            `chunk_size` of `VectorQuantizer`, and arguments of `keras.layers.Layer`.

    Call arguments:
        inputs, mask, training: As for `VectorQuantizer`.

    Raises:
        ValueError: As `VectorQuantizer`, and if `heads` or `normalize` is given.

    Example:

    >>> import numpy as np
    >>> from blogkit.layers import ResidualVectorQuantizer
    >>> layer = ResidualVectorQuantizer(3, num_codes=8, init="kmeans", seed=0)
    >>> x = np.random.default_rng(0).normal(size=(50, 4)).astype("float32")
    >>> layer.adapt(x)
    >>> tuple(layer.encode(x).shape)
    (50, 3)
    """

    def __init__(
        self,
        num_quantizers: int,
        num_codes: int,
        shared: bool = False,
        rotation_trick: bool = False,
        axis: int = -1,
        seed: int | None = None,
        metric_suffix: str = "",
        **kwargs,
    ):
        check_count("num_quantizers", num_quantizers)
        for name in ("heads", "normalize"):
            if name in kwargs:
                raise ValueError(
                    f"ResidualVectorQuantizer does not take `{name}`. Received: {name}={kwargs[name]!r}. "
                    "Directions of residuals are not comparable; for parts of vectors use several layers."
                )
        options = {name: kwargs.pop(name) for name in OF_QUANTIZERS if name in kwargs}
        super().__init__(**kwargs)
        self.num_quantizers, self.num_codes, self.shared = num_quantizers, num_codes, shared
        self.rotation_trick, self.axis, self.seed = rotation_trick, axis, seed
        self.metric_suffix = metric_suffix
        self._options = options
        self.supports_masking = True
        self.autocast = False
        check_axis(axis)
        check_metric_suffix(metric_suffix)
        self.quantizers = []
        for number in range(1 if shared else num_quantizers):
            own = None if seed is None else int(random_key(seed, number)[0])
            quantizer = VectorQuantizer(
                num_codes,
                seed=own,
                metric_suffix=metric_suffix if shared else f"{metric_suffix}_{number + 1}",
                dtype=accumulation_dtype(self.variable_dtype),
                name=f"quantizer_{number + 1}",
                **options,
            )
            self.quantizers.append(quantizer)

    def _turns(self):
        return self.quantizers * (self.num_quantizers if self.shared else 1)

    def build(self, input_shape):
        self.dim = check_dim(input_shape, axis=self.axis, heads=1)
        for quantizer in self.quantizers:
            quantizer.build((None, self.dim))
        self.built = True

    def call(self, inputs, mask=None, training=False):
        check_same_dim(inputs.shape, axis=self.axis, dim=self.dim, rank_at_least=2)
        x = self._with_vectors_last(inputs)
        if mask is not None:
            mask = ops.cast(mask, "bool")
            check_mask(mask_shape=mask.shape, vectors_shape=x.shape[:-1])
        residual, total = x, ops.zeros_like(x)
        for quantizer in self._turns():
            quantized = ops.stop_gradient(quantizer(residual, mask=mask, training=training))
            residual, total = residual - quantized, total + quantized
        outputs = turned(x, total) if self.rotation_trick else straight_through(x, total)
        if mask is not None:
            mask = ops.reshape(mask, (*ops.shape(mask), *[1] * (len(x.shape) - len(mask.shape))))
            outputs = ops.where(mask, outputs, 0.0)
        return self._restored(outputs)

    def _with_vectors_last(self, inputs):
        return vectors_last(inputs, self.axis, self.quantizers[0].variable_dtype)

    def _restored(self, x):
        return vectors_at(x, self.axis, self.compute_dtype)

    def encode(self, inputs):
        """Codes `(..., num_quantizers)`, from coarse to fine."""
        inputs = ops.convert_to_tensor(inputs)
        if not self.built:
            self.build(inputs.shape)
        check_same_dim(inputs.shape, axis=self.axis, dim=self.dim)
        residual, codes = self._with_vectors_last(inputs), []
        for quantizer in self._turns():
            codes.append(quantizer.encode(residual))
            residual = residual - quantizer.decode(codes[-1])
        return ops.stack(codes, axis=-1)

    def decode(self, codes):
        """The vectors behind `codes`, also of the first few quantizers only: `codes[..., :2]`."""
        codes = ops.convert_to_tensor(codes)
        number = codes.shape[-1] if len(codes.shape) else 0
        if not 1 <= number <= self.num_quantizers:
            raise ValueError(
                f"Codes must have 1 to {self.num_quantizers} numbers along the last axis, one for each "
                f"quantizer. Received: codes of shape {tuple(codes.shape)}."
            )
        parts = [quantizer.decode(codes[..., j]) for j, quantizer in enumerate(self._turns()[:number])]
        return self._restored(sum(parts[1:], parts[0]))

    def adapt(self, data, iterations: int = 10) -> None:
        """Sets each codebook to the k-means of its residuals, see `VectorQuantizer.adapt`.

        A shared codebook is set to that of the vectors themselves.
        """
        data = ops.convert_to_tensor(data)
        if not self.built:
            self.build(data.shape)
        check_same_dim(data.shape, axis=self.axis, dim=self.dim)
        residual = self._with_vectors_last(data)
        for quantizer in self.quantizers:
            quantizer.adapt(residual, iterations)
            residual = residual - quantizer.decode(quantizer.encode(residual))

    def compute_output_shape(self, input_shape):
        if self.built:
            check_same_dim(input_shape, axis=self.axis, dim=self.dim, rank_at_least=2)
        else:
            check_dim(input_shape, axis=self.axis, heads=1)
        return tuple(input_shape)

    def get_config(self):
        names = ("num_quantizers", "num_codes", "shared", "rotation_trick", "axis", "seed", "metric_suffix")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, **self._options}
