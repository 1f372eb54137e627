"""The weight of a micro-batch: what its loss divides by."""

import math

import keras
from keras import ops


def micro_batch_weight(loss, x, y, y_pred, sample_weight):
    """W_k, so that `W_k * L_k` is a plain sum over the elements of the micro-batch.

    A Keras loss has values v (one per sample, or per sample and time step), and maybe
    sample weights s and a mask m. It reduces them to L_k = sum(v s m) / W_k with

        W_k = number of values v                   "sum_over_batch_size", "mean", no mask
        W_k = number of unmasked values            the same, with a mask
        W_k = sum of s m                           "mean_with_sample_weight".

    Then `sum_k W_k L_k / sum_k W_k` is the loss of the large batch (for "sum" too, where
    the weight plays no part).

    Args:
        loss: What `compile` was given as `loss`: a Loss, function, name, structure or None.
        x, y, y_pred, sample_weight: The micro-batch, as `keras.Model.compute_loss` has it.

    Returns:
        A scalar, a tensor or a number.

    Raises:
        ValueError: If several outputs have weights that need not be proportional: then
            one mean of gradients cannot be the large batch's.
    """
    predictions = [p for p in keras.tree.flatten(y_pred) if p is not None]
    losses = [part for part in keras.tree.flatten(loss) if part is not None]
    if not losses:
        return _count_samples(x)
    if len(predictions) == len(losses) == 1:
        targets, weights = (_only_leaf(part) for part in (y, sample_weight))
        return _weight_of_output(losses[0], targets, predictions[0], weights)
    has_mask = any(_get_mask(prediction) is not None for prediction in predictions)
    reductions = {_get_reduction(part) for part in losses}
    if reductions != {"sum"} and (has_mask or not reductions <= {"mean", "sum_over_batch_size"}):
        raise ValueError(
            f"The model has {len(predictions)} outputs and {len(losses)} losses, and masks or the "
            f"reductions {sorted(map(str, reductions))} give each its own weight per micro-batch. "
            "One mean of gradients cannot follow several weights. Use losses with "
            "`reduction='sum'` and `AccumOptimizer(..., reduction='sum')`, or train without "
            "`accumulate_exactly`, which counts micro-batches equally."
        )
    return _count_samples(x)


def get_reductions(loss):
    """The set of the reductions of all losses in what `compile` was given."""
    return {_get_reduction(part) for part in keras.tree.flatten(loss) if part is not None}


def _weight_of_output(loss, y_true, y_pred, sample_weight):
    dtype, mask = _get_dtype(loss), _get_mask(y_pred)
    mask = None if mask is None else ops.cast(mask, dtype)
    if _get_reduction(loss) == "mean_with_sample_weight" and sample_weight is not None:
        weight = ops.cast(sample_weight, dtype)
        if mask is not None:
            weight = _match_rank(weight, mask) * _match_rank(mask, weight)
        return ops.sum(weight)
    shape = _shape_of_values(loss, y_true, y_pred)
    count = _product(shape) if len(shape) else _count_samples(y_pred)
    if mask is None:
        return count
    # A mask may have fewer axes than the values; else the last factor is 1.
    return ops.sum(mask) * ops.cast(count / _product(ops.shape(mask)), dtype)


def _shape_of_values(loss, y_true, y_pred):
    """Shape of the loss before its reduction; compiled code computes nothing for it."""
    if isinstance(loss, str):  # built in: these reduce the last axis
        return ops.shape(y_pred)[:-1]
    y_true, y_pred = (
        ops.stop_gradient(ops.cast(part, _get_dtype(loss))) for part in (y_true, y_pred)
    )
    try:
        return ops.shape(loss.call(y_true, y_pred) if _is_loss(loss) else loss(y_true, y_pred))
    except NotImplementedError:  # a Loss that overrides `__call__` alone
        return ops.shape(y_pred)[:1]


def _product(shape):
    if all(isinstance(length, int) for length in shape):
        return float(math.prod(shape))
    return ops.cast(ops.prod(ops.stack([ops.cast(length, "int32") for length in shape])), "float32")


def _count_samples(x):
    first = next(part for part in keras.tree.flatten(x) if part is not None)
    return _product(ops.shape(first)[:1])


def _match_rank(a, b):
    """`a` with a last axis of length 1 added or taken away, if that makes ranks equal."""
    if len(a.shape) == len(b.shape) + 1 and a.shape[-1] == 1:
        return ops.squeeze(a, axis=-1)
    if len(b.shape) == len(a.shape) + 1:
        return ops.expand_dims(a, axis=-1)
    return a


def _only_leaf(structure):
    leaves = [leaf for leaf in keras.tree.flatten(structure) if leaf is not None]
    return leaves[0] if leaves else None


def _get_mask(prediction):
    # Keras has no public name for it; its own losses read the same attribute.
    return getattr(prediction, "_keras_mask", None)


def _get_reduction(loss):
    return loss.reduction if _is_loss(loss) else "sum_over_batch_size"


def _get_dtype(loss):
    return getattr(loss, "dtype", None) or keras.config.floatx()


def _is_loss(loss):
    return isinstance(loss, keras.losses.Loss)
