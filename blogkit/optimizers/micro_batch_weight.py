"""The weight of a micro-batch: the number by which its loss divides."""

import keras
from keras import ops


def micro_batch_weight(loss, x, y, y_pred, sample_weight):
    """W_k, so that `W_k * L_k` is a plain sum over the elements of the micro-batch.

    A Keras loss has values v (one per sample, or per sample and time step), and maybe
    sample weights s and a mask m. It reduces them to L_k = sum(v s m) / W_k with

        W_k = number of values v                   "sum_over_batch_size", "mean", no mask
        W_k = number of unmasked values            the same, with a mask
        W_k = sum of s m                           "mean_with_sample_weight".

    Then `sum_k W_k L_k / sum_k W_k` is the loss of the large batch. With the reduction "sum"
    the weight is not used.

    Args:
        loss: What `compile` was given as `loss`: a Loss, function, name, structure or None.
        x, y, y_pred, sample_weight: The micro-batch, as `keras.Model.compute_loss` has it.

    Returns:
        A scalar, a tensor or a number.

    Raises:
        ValueError: If several outputs may have weights that are not proportional: then one
            weighted mean of gradients cannot equal that of the large batch.
    """
    predictions = [p for p in keras.tree.flatten(y_pred) if p is not None]
    losses = [part for part in keras.tree.flatten(loss) if part is not None]
    if not losses:
        return _count_samples(x)
    if len(predictions) == len(losses) == 1:
        targets, weights = (_only_leaf(part) for part in (y, sample_weight))
        return _weight_of_output(losses[0], targets, predictions[0], weights)
    has_mask = any(_has_mask(prediction) for prediction in predictions)
    reductions = {_get_reduction(part) for part in losses}
    if reductions != {"sum"} and (has_mask or not reductions <= {"mean", "sum_over_batch_size"}):
        raise ValueError(
            "All outputs must have the same weight per micro-batch, because one mean of gradients has "
            f"one weight. Received: {len(predictions)} outputs and {len(losses)} losses, with masks or the "
            f"reductions {sorted(map(str, reductions))}. Use losses with "
            "`reduction='sum'` and `AccumOptimizer(..., reduction='sum')`, or train without "
            "`accumulate_exactly`, which counts micro-batches equally."
        )
    return _count_samples(x)


def get_reductions(loss) -> set:
    """The set of the reductions of all losses in what `compile` was given."""
    return {_get_reduction(part) for part in keras.tree.flatten(loss) if part is not None}


class _Count(keras.losses.Loss):
    """Counts the values that `loss` sums over: 1 for each value, then weighted and masked by Keras.

    Only Keras knows the masks: on JAX they are not even an attribute of the tensor.
    """

    def __init__(self, loss, ones_like=None):
        super().__init__("count", reduction="sum", dtype=_get_dtype(loss))
        self._loss, self._ones_like = loss, ones_like

    def call(self, y_true, y_pred):
        if self._ones_like is not None:
            return ops.ones_like(self._ones_like, dtype=self.dtype)
        values = self._get_values(y_true, y_pred)
        if not len(values.shape):  # a function that has reduced the batch itself
            values = ops.reshape(y_pred, (ops.shape(y_pred)[0], -1))[:, 0]
        return ops.ones_like(values, dtype=self.dtype)

    def _get_values(self, y_true, y_pred):
        # Only the shape of these values is used, so compiled code never computes them.
        if isinstance(self._loss, str):
            return y_pred[..., 0]  # built in: these reduce the last axis
        y_true, y_pred = ops.stop_gradient(y_true), ops.stop_gradient(y_pred)
        if not _is_loss(self._loss):
            return self._loss(y_true, y_pred)
        try:
            return self._loss.call(y_true, y_pred)
        except NotImplementedError:  # a Loss that overrides `__call__` alone
            return ops.reshape(y_pred, (ops.shape(y_pred)[0], -1))[:, 0]


class _Scalar(keras.losses.Loss):
    """A 1 that comes back in the shape of the mask, if there is one."""

    def __init__(self):
        super().__init__("scalar", reduction="none")

    def call(self, y_true, y_pred):
        return ops.ones(())


def _weight_of_output(loss, y_true, y_pred, sample_weight):
    if y_true is None:
        y_true = y_pred
    if _get_reduction(loss) == "mean_with_sample_weight" and sample_weight is not None:
        # In the shape of the weights: Keras divides by their sum, however they broadcast.
        # A copy, because on torch Keras multiplies the mask into the tensor it is given.
        copy = ops.stop_gradient(1.0 * ops.cast(sample_weight, _get_dtype(loss)))
        return _Count(loss, ones_like=copy)(y_true, y_pred, copy)
    return _Count(loss)(y_true, y_pred)


def _has_mask(prediction):
    return len(_Scalar()(prediction, prediction).shape) > 0


def _count_samples(x):
    first = next(part for part in keras.tree.flatten(x) if part is not None)
    return ops.cast(ops.shape(first)[0], "float32")


def _only_leaf(structure):
    leaves = [leaf for leaf in keras.tree.flatten(structure) if leaf is not None]
    return leaves[0] if leaves else None


def _get_reduction(loss):
    return loss.reduction if _is_loss(loss) else "sum_over_batch_size"


def _get_dtype(loss):
    return getattr(loss, "dtype", None) or keras.config.floatx()


def _is_loss(loss):
    return isinstance(loss, keras.losses.Loss)
