"""The variables of a learned codebook."""

from collections.abc import Callable

from keras import ops

from blogkit.layers.quantizers.codebook import unit_vectors


class CodebookState:
    """Codes, and what is remembered of the vectors assigned to them.

    Trained codes that also start or restart from data get a second variable, `shift`, that is added
    to them: within `fit` on JAX a call can only change what is not trained. Attributes are None
    where the settings need no such variable.

    Args:
        add_weight: `keras.layers.Layer.add_weight` of the owner.
        shape: `(heads * num_codes, dim // heads)`.
        dtype: Of the codes and averages, float32 or float64.
        initializer: Keras initializer of the codes.
        trained: Whether the optimizer moves the codes; otherwise sums of vectors are kept.
        starts: Whether the first batch makes the codes.
        restarts: Whether codes with few vectors restart.
        normalize: Whether codes are divided by their lengths.
    """

    def __init__(
        self,
        add_weight: Callable,
        *,
        shape: tuple,
        dtype: str,
        initializer,
        trained: bool,
        starts: bool,
        restarts: bool,
        normalize: bool,
    ):
        def state(name, shape, initializer="zeros", dtype=dtype, aggregation="mean"):
            # Equal on all replicas, so that their mean is the same value.
            return add_weight(
                name=name,
                shape=shape,
                initializer=initializer,
                dtype=dtype,
                trainable=False,
                autocast=False,
                aggregation=aggregation,
            )

        # The order of creation is the order in saved files.
        if trained:
            self.codes = add_weight(
                name="codebook", shape=shape, initializer=initializer, dtype=dtype, autocast=False
            )
        else:
            self.codes = state("codebook", shape, initializer)
        once = {"dtype": "int32", "aggregation": "only_first_replica"}
        counted, moved = not trained or restarts, starts or restarts
        self.sums = None if trained else state("average_sums", shape)
        self.shift = state("codebook_shift", shape) if trained and moved else None
        self.counts = state("average_counts", shape[:1]) if counted else None
        self.updates = state("updates", (), **once) if counted or moved else None
        self.started = state("started", (), **once) if starts else None
        self.normalize = normalize

    @property
    def codebook(self):
        """The variable that holds the codes, or a tensor where they are computed."""
        return self.codes if self.shift is None and not self.normalize else self.read()

    def read(self):
        """The codes as a tensor, with a gradient where they are trained."""
        # By 1, so that TensorFlow adds the gradients of a code up. As a list of rows they reach
        # the optimizer in several parts, which replicas cannot add.
        codes = 1.0 * ops.convert_to_tensor(self.codes)
        if self.shift is not None:
            codes = codes + ops.convert_to_tensor(self.shift)
        return unit_vectors(codes) if self.normalize else codes

    def replace(self, codes) -> None:
        """Gives all codes new values and resets the averages."""
        self.codes.assign(codes)
        # Averages of the old codes' vectors would pull the new codes back to the old ones.
        for variable in (self.shift, self.counts, self.sums, self.updates):
            if variable is not None:
                variable.assign(ops.zeros(variable.shape, variable.dtype))
        if self.started is not None:
            self.started.assign(ops.ones((), "int32"))

    def move(self, which, codes, present) -> None:
        """Gives the codes where `which` is true new values; `present` are those of the others."""
        if self.shift is None:
            self.codes.assign(ops.where(which, codes, present))
        else:
            shift = codes - ops.convert_to_tensor(self.codes)
            self.shift.assign(ops.where(which, shift, ops.convert_to_tensor(self.shift)))
