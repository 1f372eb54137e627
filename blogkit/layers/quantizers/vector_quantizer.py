"""VectorQuantizer: each vector becomes the nearest code of a learned codebook."""

import random

import keras
import numpy as np
from keras import ops

from blogkit.layers.quantizers.codebook import kmeans, nearest_codes, rotation_trick, unit_vectors
from blogkit.layers.quantizers.learned_codebook import LearnedCodebook, both
from blogkit.layers.quantizers.vector_quantizer_arguments import (
    check_codes,
    check_dim,
    check_enough,
    check_finite,
    check_mask,
    check_quantizer,
    check_same_dim,
)
from blogkit.ops import random_key, straight_through


@keras.saving.register_keras_serializable("blogkit")
class VectorQuantizer(LearnedCodebook):
    """Replaces vectors by their nearest codes: the middle of a VQ-VAE.

    With the codebook e and sg for "no gradient through this" (https://kexue.fm/archives/6760;
    van den Oord et al. 2017, arXiv:1711.00937, equations 1 to 3):

        k = argmin_j |x - e_j|^2
        output = x + sg[e_k - x]                      the value of the code, the gradient of x
        loss += mean (sg[x] - e_k)^2                  the codebook's, with update="loss"
        loss += commitment_cost mean (x - sg[e_k])^2  the encoder's

    Means are over all numbers of the (unmasked) input. `update="ema"` replaces the codebook's loss
    by moving averages of the vectors that each code gets (appendix A.1).

    Codebook, scores and statistics are float32 at least, under any policy: half precision picks
    wrong codes. Output and `decode` are in the compute dtype. With `training=False`, or if the layer
    is not `trainable`, weights stay as they are. `fit` logs `perplexity`, `active_codes` and
    `commitment` (the mean of (x - e_k)^2), see `CodeUsage`.

    Under `tf.distribute` and `keras.distribution` statistics, first codes and restarted ones are those
    that one device would have, from the vectors of all, and equal on all.

    Args:
        num_codes: Size of the codebook, at least 2.
        update: `"loss"` (the optimizer moves the codes) or `"ema"`.
        commitment_cost: Weight of the encoder's loss.
        decay: Memory of the moving averages, in [0, 1).
        epsilon: Laplace smoothing of the average counts.
        restart_threshold: Codes that get fewer vectors per batch, by moving average, move to a
            random vector of the batch. 0 never restarts.
        init: `"uniform"`; `"first_batch"`, random vectors of the first training batch (repeated, if
            it has fewer than `num_codes`); or `"kmeans"`, which needs `adapt(data)` first.
        normalize: Whether to compare directions: vectors and codes are divided by their lengths.
        rotation_trick: Whether the gradient turns with the code, see `rotation_trick`.
        heads: Parts of equal length, each quantized with a codebook of its own.
        chunk_size: Vectors compared at a time; by default as `nearest_codes` chooses.
        axis: Where the vectors lie; 1 for channels first.
        seed: Integer for all random choices; None draws one from Python's `random`.
        **kwargs: Those of `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(batch, ...)` with vectors along `axis`.
        mask: Booleans of that shape without `axis` (or its first axes). Where false the output is
            0, and losses, statistics and gradients do not see the vector.
        training: Whether to update the codebook's state.

    Returns:
        Tensor of the inputs' shape.

    Raises:
        ValueError: If an argument is out of its range, `heads` does not divide the vectors, their
            length changes, or `"kmeans"` was not adapted. In eager code also if an input is NaN or
            infinite or a code out of range. Compiled code cannot check: a vector that is not
            finite gives NaN in output and loss and leaves the moving averages as they are, and a
            code out of range gives what the backend makes of it.

    Example:

    >>> from blogkit.layers import VectorQuantizer
    >>> layer = VectorQuantizer(num_codes=8, update="ema", init="first_batch", seed=0)
    >>> x = np.random.default_rng(0).normal(size=(2, 5, 5, 3)).astype("float32")
    >>> _ = layer(x, training=True)
    >>> codes = layer.encode(x)
    >>> tuple(codes.shape), tuple(layer.decode(codes).shape)
    ((2, 5, 5), (2, 5, 5, 3))
    """

    def __init__(
        self,
        num_codes,
        update="loss",
        commitment_cost=0.25,
        decay=0.99,
        epsilon=1e-5,
        restart_threshold=0,
        init="uniform",
        normalize=False,
        rotation_trick=False,
        heads=1,
        chunk_size=None,
        axis=-1,
        seed=None,
        **kwargs,
    ):
        check_quantizer(
            num_codes,
            update,
            commitment_cost,
            decay,
            epsilon,
            restart_threshold,
            init,
            heads,
            chunk_size,
            axis,
        )
        key = random_key(random.randrange(2**32) if seed is None else seed)
        super().__init__(**kwargs)
        self.num_codes, self.update, self.commitment_cost = num_codes, update, commitment_cost
        self.decay, self.epsilon, self.restart_threshold = decay, epsilon, restart_threshold
        self.init, self.normalize, self.rotation_trick = init, normalize, rotation_trick
        self.heads, self.chunk_size, self.axis, self.seed = heads, chunk_size, axis, seed
        self._key = key
        self._adapted = False
        self.supports_masking = True
        self.metric_suffix = ""  # set it before the first call if a model has several quantizers
        self.autocast = False  # a float32 input keeps its precision until the code is found

    def build(self, input_shape):
        self.dim = check_dim(input_shape, self.axis, self.heads)
        self._build_codebook()
        self.built = True

    def adapt(self, data, iterations=10):
        """Sets the codes to the k-means of `data`, for each head.

        Args:
            data: Array of the shape of an input, with at least `num_codes` vectors.
            iterations: Of Lloyd's algorithm.

        Raises:
            ValueError: If there are too few vectors, of another length, or not finite ones.
        """
        data = ops.convert_to_tensor(data)
        check_dim(data.shape, self.axis, self.heads)
        if not self.built:
            self.build(data.shape)
        check_same_dim(data.shape, self.axis, self.dim)
        check_finite(data)
        vectors = ops.convert_to_numpy(self._vectors(data)[0])
        check_enough(len(vectors), self.num_codes)
        parts = [
            kmeans(vectors[:, head], self.num_codes, iterations, (*map(int, self._key), head))
            for head in range(self.heads)
        ]
        self.assign_codebook(np.concatenate(parts))

    def call(self, inputs, mask=None, training=False):
        check_same_dim(inputs.shape, self.axis, self.dim, rank_at_least=2)
        self._check_adapted()
        check_finite(inputs)
        vectors, shape = self._vectors(inputs)
        given = None if mask is None else self._flat_mask(mask, shape)
        training = bool(training) and self.trainable

        fixed = ops.stop_gradient(vectors)
        if training and self._updates_state:
            self._updates.assign(self._updates + 1)
        codebook = self._started_codebook(fixed, given) if training else self._codebook()
        codes = self._nearest(fixed, codebook)
        quantized = ops.take(codebook, codes, axis=0)
        # Of each vector: not finite if the vector is not.
        distances = ops.sum((vectors - ops.stop_gradient(quantized)) ** 2, axis=(1, 2))
        self._add_losses(distances, fixed, quantized, given)
        distances, quantized = ops.stop_gradient(distances), ops.stop_gradient(quantized)
        valid = both(ops.isfinite(distances), given)
        self._add_statistics(fixed, codes, ops.stop_gradient(codebook), distances, valid, training)

        route = rotation_trick if self.rotation_trick else straight_through
        outputs = route(vectors, quantized)
        if given is not None:
            outputs = ops.where(given[:, None, None], outputs, 0.0)
        return self._restored(outputs, shape)

    def _vectors(self, inputs):
        """Float32 vectors `(number, heads, dim // heads)`; the inputs' shape with them last."""
        x = ops.cast(inputs, self._codes.dtype)
        x = ops.moveaxis(x, self.axis, -1) if self.axis != -1 else x
        vectors = ops.reshape(x, (-1, self.heads, self.dim // self.heads))
        return (unit_vectors(vectors) if self.normalize else vectors), ops.shape(x)

    def _restored(self, vectors, shape):
        x = ops.cast(ops.reshape(vectors, shape), self.compute_dtype)
        return ops.moveaxis(x, -1, self.axis) if self.axis != -1 else x

    def _flat_mask(self, mask, shape):
        mask = ops.cast(mask, "bool")
        check_mask(mask.shape, shape[:-1])
        mask = ops.reshape(mask, (*ops.shape(mask), *[1] * (len(shape) - 1 - len(mask.shape))))
        return ops.reshape(ops.broadcast_to(mask, shape[:-1]), (-1,))

    def _nearest(self, vectors, codebook):
        """Rows of the codebook, `(number, heads)`."""
        parts = ops.split(codebook, self.heads) if self.heads > 1 else [codebook]
        found = [
            nearest_codes(vectors[:, head], part, self.chunk_size) + head * self.num_codes
            for head, part in enumerate(parts)
        ]
        return ops.stack(found, axis=1)

    def _add_losses(self, distances, fixed, quantized, mask):
        def mean(distances):
            kept = ops.ones_like(distances, "bool") if mask is None else mask
            number = ops.sum(ops.cast(kept, distances.dtype)) * self.dim
            # 0 of no vectors at all, which a replica may get at the end of an epoch.
            return ops.sum(ops.where(kept, distances, 0.0)) / ops.maximum(number, 1.0)

        if self.commitment_cost:
            self.add_loss(self.commitment_cost * mean(distances))
        if self.update == "loss":
            self.add_loss(mean(ops.sum((fixed - quantized) ** 2, axis=(1, 2))))

    def encode(self, inputs):
        """Codes of the inputs' vectors, int32.

        Args:
            inputs: Tensor `(batch, ..., dim)`, vectors along `axis`.

        Returns:
            Integers of that shape without `axis`, from 0 to `num_codes - 1`; with several heads
            one number for each, along a new last axis.
        """
        inputs = ops.convert_to_tensor(inputs)
        if not self.built:
            self.build(inputs.shape)
        check_same_dim(inputs.shape, self.axis, self.dim)
        self._check_adapted()
        check_finite(inputs)
        vectors, shape = self._vectors(inputs)
        codes = self._nearest(vectors, self._codebook())
        codes = codes - self.num_codes * ops.arange(self.heads, dtype="int32")
        return ops.reshape(codes, (*shape[:-1], *([self.heads] if self.heads > 1 else [])))

    def decode(self, codes):
        """The vectors behind `codes`, as `encode` gives them, of any shape; with `dim` at `axis`."""
        if not self.built:
            raise ValueError(
                "The codebook is made when the length of the vectors is known. "
                "Received: codes before any input. Call the layer, or `layer.build(input_shape)`, first."
            )
        codes = ops.convert_to_tensor(codes)
        check_codes(codes, self.num_codes, self.heads)
        self._check_adapted()
        shape = ops.shape(codes)[:-1] if self.heads > 1 else ops.shape(codes)
        rows = ops.reshape(codes, (-1, self.heads))
        rows = ops.cast(rows, "int32") + self.num_codes * ops.arange(self.heads, dtype="int32")
        return self._restored(ops.take(self._codebook(), rows, axis=0), (*shape, self.dim))

    def _check_adapted(self):
        if self.init == "kmeans" and not self._adapted:
            raise ValueError(
                "init='kmeans' needs data before the first call. Received: a layer that has seen none. "
                "Call `layer.adapt(data)`, or take init='first_batch'."
            )

    def compute_output_shape(self, input_shape):
        if self.built:
            check_same_dim(input_shape, self.axis, self.dim, rank_at_least=2)
        else:
            check_dim(input_shape, self.axis, self.heads)
        return tuple(input_shape)

    def get_config(self):
        names = (
            "num_codes",
            "update",
            "commitment_cost",
            "decay",
            "epsilon",
            "restart_threshold",
            "init",
            "normalize",
            "rotation_trick",
            "heads",
            "chunk_size",
            "axis",
            "seed",
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
