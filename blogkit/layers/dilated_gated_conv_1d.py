"""Residual block of a dilated convolution with a gate (DGCNN)."""

import keras
from keras import ops

from blogkit.checks import check_count, check_rate


@keras.saving.register_keras_serializable("blogkit")
class DilatedGatedConv1D(keras.layers.Layer):
    """One block of DGCNN: a gate mixes the input with a dilated convolution of it.

    With [g, c] = convolution(x), twice as wide as x, and `mask` 1 at positions of the text,

        y = (sigmoid(g) x + (1 - sigmoid(g)) c) mask

    (kexue.fm/archives/6671, code bojone/kg-2019): the gate multiplies the input, its
    complement the convolution, and c has no activation. So a saturated gate of 1 is the identity
    and passes gradients unchanged. Inputs outside the mask count as 0.

    Args:
        kernel_size: Width of the convolution.
        dilation_rate: Positions from one tap to the next. A stack sees 1 + sum of
            (kernel_size - 1) dilation_rate positions.
        dropout: Rate at which pre-activations g become 0 in training, so that gates are 1/2.
        seed: Seed of the dropout masks, a non-negative integer, or None.

    Call arguments:
        inputs: `(batch, length, dim)`.
        mask: `(batch, length)`, or None if every position counts. Not passed on.
        training: Whether to apply dropout.

    Returns:
        `(batch, length, dim)`, 0 outside the mask.

    Raises:
        ValueError: If `kernel_size` or `dilation_rate` is not a positive integer, or `dropout` is
            outside [0, 1).

    Example:

    >>> import numpy as np
    >>> from blogkit.layers import DilatedGatedConv1D
    >>> block = DilatedGatedConv1D(dilation_rate=2)
    >>> tuple(block(np.ones((2, 7, 4), "float32"), mask=np.ones((2, 7))).shape)
    (2, 7, 4)
    """

    def __init__(
        self,
        kernel_size: int = 3,
        dilation_rate: int = 1,
        dropout: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ):
        check_count("kernel_size", kernel_size)
        check_count("dilation_rate", dilation_rate)
        check_rate("dropout", dropout)
        super().__init__(**kwargs)
        self.supports_masking = True
        self.kernel_size, self.dilation_rate = kernel_size, dilation_rate
        self.dropout, self.seed = dropout, seed
        self.gate_dropout = keras.layers.Dropout(dropout, seed=seed, dtype=self.dtype_policy)

    def build(self, input_shape):
        dim = input_shape[-1]
        self.convolution = keras.layers.Conv1D(
            2 * dim,
            self.kernel_size,
            padding="same",
            dilation_rate=self.dilation_rate,
            name="convolution",
            dtype=self.dtype_policy,
        )
        self.convolution.build(input_shape)
        self.built = True

    def call(self, inputs, mask=None, training=False):
        inside = ops.cast(ops.expand_dims(mask, -1), self.compute_dtype) if mask is not None else 1
        inputs = inputs * inside
        gate, new = ops.split(self.convolution(inputs), 2, axis=-1)
        gate = ops.sigmoid(self.gate_dropout(gate, training=training))
        return (gate * inputs + (1 - gate) * new) * inside

    def compute_mask(self, inputs, previous_mask=None):
        return None

    def get_config(self):
        names = ("kernel_size", "dilation_rate", "dropout", "seed")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
