"""Warnings of BatchNormalization, the one layer with which no accumulation can be exact."""

import re
import warnings

import keras

from blogkit.ops.keras_internals import layers_inside

# Keras' default names, `batch_normalization_3/gamma`, and the usual short ones.
_BATCH_NORM = re.compile(r"(?:^|[/_])(batch_?norm[a-z]*|bn)[_\d]*[a-z]?\d*/(gamma|beta)$", re.I)


def warn_of_batch_norm(optimizer, variables: list) -> None:
    """Warns once if the path of a variable belongs to a BatchNormalization.

    An optimizer sees nothing else of a layer.
    """
    paths = [variable.path for variable in variables]
    found = {path.rpartition("/")[0] for path in paths if _BATCH_NORM.search(path)}
    _warn_once(optimizer, sorted(found))


def warn_of_batch_norm_layers(optimizer, model) -> None:
    """Warns once if a layer of `model`, at any depth, is a BatchNormalization."""
    layers = layers_inside(model)
    kind = keras.layers.BatchNormalization
    _warn_once(optimizer, [layer.path for layer in layers if isinstance(layer, kind)])


def _warn_once(optimizer, names):
    if names and not optimizer.has_warned_of_batch_norm:
        optimizer.has_warned_of_batch_norm = True
        warnings.warn(
            f"Gradient accumulation is not exact for {', '.join(names)}: BatchNormalization "
            "takes its mean and variance from each micro-batch, not from the large batch. "
            "LayerNormalization or GroupNormalization has no such dependence.",
            stacklevel=4,
        )
