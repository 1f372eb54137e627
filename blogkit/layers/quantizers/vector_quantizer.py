"""Vector quantization layer: each vector becomes the nearest code of a learned codebook."""

import dataclasses
import random

import keras
from keras import ops

from blogkit.checks import check_positive
from blogkit.layers.quantizers import vector_axis
from blogkit.layers.quantizers import vector_quantizer_arguments as arguments
from blogkit.layers.quantizers.code_usage import CodeUsage
from blogkit.layers.quantizers.codebook import kmeans_of_heads, rotation_trick, unit_vectors
from blogkit.layers.quantizers.codebook_settings import CodebookSettings
from blogkit.layers.quantizers.learned_codebook import LearnedCodebook
from blogkit.ops import accumulation_dtype, random_key, straight_through
from blogkit.ops.keras_internals import LossesPerReplica


@keras.saving.register_keras_serializable("blogkit")
class VectorQuantizer(LossesPerReplica):
    """Replaces vectors by their nearest codes: the bottleneck of a VQ-VAE.

    With the codebook e and sg the stop-gradient operator (https://kexue.fm/archives/6760;
    van den Oord et al. 2017, arXiv:1711.00937, equations 1 to 3):

        k = argmin_j |x - e_j|^2
        output = x + sg[e_k - x]                      the value of the code, the gradient of x
        loss += mean (sg[x] - e_k)^2                  the codebook's, with update="loss"
        loss += commitment_cost mean (x - sg[e_k])^2  the encoder's

    Means are over all elements of the (unmasked) input. `update="ema"` replaces the codebook's loss
    by moving averages of the vectors that each code gets (appendix A.1).

    Codebook, scores and statistics are at least float32 under any policy, since half precision picks
    wrong codes; outputs are in the compute dtype. With `training=False`, or if the layer is not
    `trainable`, weights stay as they are. `fit` logs `perplexity`, `active_codes` and `commitment`
    (the mean of (x - e_k)^2), see `CodeUsage`. Under `tf.distribute` and `keras.distribution` all
    devices have the statistics and codes that one device would compute from the vectors of all.

    Args:
        num_codes: Size of the codebook, at least 2.
        update: `"loss"` (the optimizer moves the codes) or `"ema"`.
        commitment_cost: Weight of the encoder's loss.
        decay: Decay rate of the moving averages, in [0, 1).
        epsilon: Laplace smoothing of the average counts.
        restart_threshold: Codes that get fewer vectors per batch, by moving average, move to a
            random vector of the batch. 0 disables restarts.
        init: `"uniform"`; `"first_batch"`, random vectors of the first training batch (repeated, if
            it has fewer than `num_codes`); or `"kmeans"`, which needs `adapt(data)` first.
        normalize: Whether to compare directions only: vectors and codes are divided by their lengths.
        rotation_trick: Whether to replace the straight-through gradient by the rotation trick's.
        heads: Number of equal parts of a vector, each quantized with its own codebook.
        chunk_size: Vectors compared at a time; by default as `nearest_codes` chooses.
        axis: Axis along which the vectors lie; 1 for channels first.
        seed: Seed of all random choices, a non-negative integer; None draws one.
        metric_suffix: End of the metrics' names, for models with several quantizers.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: Tensor `(batch, ...)` with vectors along `axis`.
        mask: Booleans of that shape without `axis` (or its first axes). Where false the output is 0, and
            the vector is left out of losses, statistics and gradients.
        training: Whether to update the codebook's state.

    Returns:
        Tensor of the inputs' shape.

    Raises:
        ValueError: If an argument is out of its range, `heads` does not divide the vectors, their
            length changes, or `adapt` was not called with `init="kmeans"`. In eager code also for
            inputs that are not finite (in compiled code: NaN outputs and unchanged averages) and codes
            out of range (in compiled code: whatever the backend returns).

    Example:

    >>> from blogkit.layers import VectorQuantizer
    >>> layer = VectorQuantizer(num_codes=8, update="ema", init="first_batch", seed=0)
    >>> x = keras.random.normal((2, 5, 5, 3), seed=0)
    >>> _ = layer(x, training=True)
    >>> codes = layer.encode(x)
    >>> tuple(codes.shape), tuple(layer.decode(codes).shape)
    ((2, 5, 5), (2, 5, 5, 3))
    """

    def __init__(
        self,
        num_codes: int,
        update: str = "loss",
        commitment_cost: float = 0.25,
        decay: float = 0.99,
        epsilon: float = 1e-5,
        restart_threshold: float = 0,
        init: str = "uniform",
        normalize: bool = False,
        rotation_trick: bool = False,
        heads: int = 1,
        chunk_size: int | None = None,
        axis: int = -1,
        seed: int | None = None,
        metric_suffix: str = "",
        **kwargs,
    ):
        settings = CodebookSettings(
            num_codes=num_codes,
            heads=heads,
            update=update,
            decay=decay,
            epsilon=epsilon,
            restart_threshold=restart_threshold,
            init=init,
            normalize=normalize,
            chunk_size=chunk_size,
        )
        check_positive("commitment_cost", commitment_cost, or_zero=True)
        arguments.check_axis(axis)
        arguments.check_metric_suffix(metric_suffix)
        key = random_key(random.randrange(2**32) if seed is None else seed)
        super().__init__(**kwargs)
        self.num_codes, self.update, self.commitment_cost = num_codes, update, commitment_cost
        self.decay, self.epsilon, self.restart_threshold = decay, epsilon, restart_threshold
        self.init, self.normalize, self.rotation_trick = init, normalize, rotation_trick
        self.heads, self.chunk_size, self.axis, self.seed = heads, chunk_size, axis, seed
        self.metric_suffix, self._settings, self._key = metric_suffix, settings, key
        self._adapted = False  # whether codes were set since the layer was made
        self.supports_masking = True
        self.autocast = False  # a float32 input keeps its precision until the code is found

    def build(self, input_shape):
        self.dim = arguments.check_dim(input_shape, axis=self.axis, heads=self.heads)
        dtype = accumulation_dtype(self.variable_dtype)
        self._codebook = LearnedCodebook(self.add_weight, self.dim, dtype, self._key, self._settings)
        self._usage = CodeUsage(self.heads, self.num_codes, self.metric_suffix)
        self.perplexity, self.active_codes, self.commitment = self._usage.metrics
        self.built = True

    @property
    def codebook(self):
        """Codes of all heads, `(heads * num_codes, dim // heads)`: a variable, or a tensor if computed."""
        return self._codebook.state.codebook

    @property
    def variables(self):
        """Includes the totals behind the metrics, which are no weights and are not saved."""
        return [*super().variables, *(self._usage.variables if self.built else [])]

    def assign_codebook(self, codes) -> None:
        """Gives the codes new values, of the shape of `codebook`, and resets the moving averages."""
        self._codebook.state.replace(codes)
        self._adapted = True

    def load_own_variables(self, store):
        super().load_own_variables(store)
        self._adapted = True

    def set_weights(self, weights):
        super().set_weights(weights)
        self._adapted = True

    def adapt(self, data, iterations: int = 10) -> None:
        """Sets the codes to the k-means of `data`, for each head.

        Args:
            data: Array of the shape of an input, with at least `num_codes` vectors.
            iterations: Number of iterations of Lloyd's algorithm.

        Raises:
            ValueError: If there are too few vectors, their length differs, or they are not finite.
        """
        data = ops.convert_to_tensor(data)
        if not self.built:
            self.build(data.shape)
        arguments.check_same_dim(data.shape, axis=self.axis, dim=self.dim, rank_at_least=2)
        arguments.check_finite(data)
        vectors = ops.convert_to_numpy(self._vectors(data)[0])
        arguments.check_enough(len(vectors), num_codes=self.num_codes)
        self.assign_codebook(kmeans_of_heads(vectors, self.num_codes, iterations, seed=self._key))

    def call(self, inputs, mask=None, training=False):
        arguments.check_same_dim(inputs.shape, axis=self.axis, dim=self.dim, rank_at_least=2)
        arguments.check_adapted(init=self.init, adapted=self._adapted)
        arguments.check_finite(inputs)
        vectors, shape = self._vectors(inputs)
        given = vector_axis.mask_of_vectors(mask, shape)
        training = bool(training) and self.trainable
        fixed = ops.stop_gradient(vectors)
        codebook = self._codebook.start(fixed, given) if training else self._codebook.state.read()
        codes = self._codebook.nearest(fixed, codebook)
        quantized = ops.take(codebook, codes, axis=0)
        # One per vector, not finite if the vector is not.
        distances = ops.sum((vectors - ops.stop_gradient(quantized)) ** 2, axis=(1, 2))
        if self.commitment_cost:
            self.add_loss(self.commitment_cost * vector_axis.mean_over_vectors(distances, given, self.dim))
        if self.update == "loss":
            squares = ops.sum((fixed - quantized) ** 2, axis=(1, 2))
            self.add_loss(vector_axis.mean_over_vectors(squares, given, self.dim))
        distances, quantized = ops.stop_gradient(distances), ops.stop_gradient(quantized)
        valid = ops.isfinite(distances)
        valid = valid if given is None else ops.logical_and(valid, given)
        counts = self._codebook.learn(fixed, codes, valid, ops.stop_gradient(codebook), training)
        self._usage.add(counts, distances, valid, self.dim)
        route = rotation_trick if self.rotation_trick else straight_through
        outputs = route(vectors, quantized)
        if given is not None:
            outputs = ops.where(given[:, None, None], outputs, 0.0)
        return self._restored(outputs, shape)

    def _vectors(self, inputs):
        """Float32 vectors `(number, heads, dim // heads)`; the inputs' shape with them last."""
        x = vector_axis.vectors_last(inputs, self.axis, accumulation_dtype(self.variable_dtype))
        vectors = ops.reshape(x, (-1, self.heads, self.dim // self.heads))
        return (unit_vectors(vectors) if self.normalize else vectors), ops.shape(x)

    def _restored(self, vectors, shape):
        return vector_axis.vectors_at(ops.reshape(vectors, shape), self.axis, self.compute_dtype)

    def encode(self, inputs):
        """Codes of the inputs' vectors: integers (int32) of the inputs' shape without `axis`.

        They are from 0 to `num_codes - 1`; several heads give one each, along a new last axis.
        """
        inputs = ops.convert_to_tensor(inputs)
        if not self.built:
            self.build(inputs.shape)
        arguments.check_same_dim(inputs.shape, axis=self.axis, dim=self.dim)
        arguments.check_adapted(init=self.init, adapted=self._adapted)
        arguments.check_finite(inputs)
        vectors, shape = self._vectors(inputs)
        return ops.reshape(
            self._codebook.encode(vectors), (*shape[:-1], *([self.heads] if self.heads > 1 else []))
        )

    def decode(self, codes):
        """The vectors behind `codes`, as `encode` gives them, of any shape; with `dim` at `axis`."""
        arguments.check_built(self.built)
        codes = ops.convert_to_tensor(codes)
        arguments.check_codes(codes, num_codes=self.num_codes, heads=self.heads)
        arguments.check_adapted(init=self.init, adapted=self._adapted)
        shape = ops.shape(codes)[: -1 if self.heads > 1 else None]
        return self._restored(self._codebook.decode(codes), (*shape, self.dim))

    def compute_output_shape(self, input_shape):
        dim = arguments.check_dim(input_shape, axis=self.axis, heads=self.heads)
        arguments.check_same_dim(input_shape, axis=self.axis, dim=self.dim if self.built else dim)
        return tuple(input_shape)

    def get_config(self):
        names = ("commitment_cost", "rotation_trick", "axis", "seed", "metric_suffix")
        own = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **dataclasses.asdict(self._settings), **own}
