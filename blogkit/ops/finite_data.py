"""Refusing training data that would spoil the weights."""

import keras
import numpy as np
from keras import ops


class FiniteData:
    """Mixin, before `keras.Model`: `fit` and `train_on_batch` look through arrays before any update.

    Keras' `TerminateOnNaN` stops only after the update that a NaN has spoiled, and only for a model
    that logs `loss`. Datasets and generators are not looked through.
    """

    def fit(self, x=None, y=None, *args, **kwargs):
        """As `keras.Model.fit`; raises ValueError for arrays without samples, and for NaN and inf in them."""
        check_finite_data(x=x, y=y, sample_weight=kwargs.get("sample_weight"))
        return super().fit(x, y, *args, **kwargs)

    def train_on_batch(self, x, y=None, sample_weight=None, **kwargs):
        """As `keras.Model.train_on_batch`; raises ValueError as `fit` does."""
        check_finite_data(x=x, y=y, sample_weight=sample_weight)
        return super().train_on_batch(x, y, sample_weight, **kwargs)


def check_finite_data(**data) -> None:
    """Raises unless every array in `data` has samples and is finite.

    Args:
        **data: By name, arrays or tensors with samples along axis 0, structures of them, or anything
            else, which is not looked at.

    Raises:
        ValueError: Names the argument and the first sample that has NaN or inf.
    """
    for name, structure in data.items():
        for leaf in keras.tree.flatten(structure):
            if isinstance(leaf, np.ndarray) or ops.is_tensor(leaf):
                _check(name, ops.convert_to_numpy(leaf))


def _check(name, array):
    if array.ndim == 0 or array.dtype.kind not in "biufc" and array.dtype.kind != "V":  # V: bfloat16
        return
    if len(array) == 0:
        raise ValueError(
            f"`{name}` must have at least one sample. Received: shape {array.shape}, from which "
            "there is nothing to learn."
        )
    if array.size == 0 or array.dtype.kind in "biu":
        return
    # NaN and inf come through as the least or the largest value, without an array of truth values.
    if np.isfinite(array.min()) and np.isfinite(array.max()):
        return
    sample = next(k for k, values in enumerate(array) if not np.isfinite(values).all())
    raise ValueError(
        f"`{name}` must be finite. Received: NaN or inf in sample {sample} of {len(array)}. "
        "One such sample makes all weights NaN: remove it."
    )
