"""Exact accumulation for uneven micro-batches.

`accumulate_exactly` replaces `compute_loss` and `fit` of one model object. Keras documents both as methods
to override in a subclass, and has no hook for a model that exists already. What was considered:

    a subclass or mixin of `keras.Model`: its methods would have to be in the class before the model is
        made. A functional or Sequential model has Keras' class, and giving it another (`__class__`) changes
        the name under which it is saved;
    a callback alone: it sees neither the sample weights nor the masks of a batch, and `fit` takes callbacks
        from its caller only;
    a loss that wraps the loss: it does not know whether it is called by training or evaluation, and it
        would be saved with the model.
"""

import functools
import inspect

import keras
from keras import ops

from blogkit.optimizers.accum_optimizer import AccumOptimizer
from blogkit.optimizers.batch_norm import warn_of_batch_norm_layers
from blogkit.optimizers.micro_batch_weight import get_reductions, micro_batch_weight
from blogkit.optimizers.optimizer_wrapper import with_inner_optimizers


def accumulate_exactly(model):
    """Weighs micro-batches and closes windows for the AccumOptimizer of a compiled `model`.

    From now on `fit` and `train_on_batch` weigh each micro-batch by the number by which its loss
    divides (samples, unmasked tokens, the sum of the sample weights; see `micro_batch_weight`),
    and `fit` closes a window that is open at the end of an epoch, before validation and other
    callbacks. Accumulation then equals the large batch also when

        the last micro-batch is shorter, or n does not divide the number of micro-batches;
        there are masks, different lengths, sample weights or class weights;
        the loss has `reduction="mean_with_sample_weight"`, or "sum" (then also give
            `AccumOptimizer(..., reduction="sum")`).

    It works for functional, Sequential and subclassed models, and for a `train_step` of your own
    that calls `self.compute_loss`. It is not saved with the model: call it again after
    `load_model`.

    Not exact: several outputs whose masks or sample weights differ (refused); a penalty from
    `model.losses` with `reduction="sum"` in a window closed after k < n micro-batches, which
    counts k/n times; lengths that differ between several outputs.

    Args:
        model: A compiled `keras.Model` whose optimizer is an AccumOptimizer, or a
            LossScaleOptimizer around one.

    Returns:
        The same model.

    Raises:
        ValueError: If the model is not compiled or has no AccumOptimizer. Later, in
            `fit`: if the reductions of loss and optimizer do not match.

    Example: 5 samples in micro-batches of 2, 2 and 1 train as one batch of 5.

    >>> import keras, numpy as np
    >>> from blogkit.optimizers import AccumOptimizer, accumulate_exactly
    >>> x = np.arange(5.0).reshape(5, 1)
    >>> def train(optimizer, batch_size, exactly=False):
    ...     dense = keras.layers.Dense(1, kernel_initializer="ones")
    ...     model = keras.Sequential([keras.Input((1,)), dense])
    ...     model.compile(optimizer, loss="mse")
    ...     if exactly:
    ...         accumulate_exactly(model)
    ...     history = model.fit(x, 2 * x, batch_size=batch_size, shuffle=False, verbose=0)
    ...     return round(float(dense.kernel.numpy()[0, 0]), 4)
    >>> train(keras.optimizers.SGD(0.01), batch_size=5)
    1.12
    >>> train(AccumOptimizer(keras.optimizers.SGD(0.01), 3), batch_size=2, exactly=True)
    1.12
    >>> train(AccumOptimizer(keras.optimizers.SGD(0.01), 3), batch_size=2)
    1.1533
    """
    optimizer = find_accum_optimizer(model)
    if optimizer is None:
        raise ValueError(
            "`model` must be compiled with an AccumOptimizer. "
            f"Received: model={model!r} with optimizer={getattr(model, 'optimizer', None)!r}. Call "
            "`model.compile(AccumOptimizer(optimizer, n), ...)` first."
        )
    warn_of_batch_norm_layers(optimizer, model)
    if not isinstance(model.compute_loss, _Weighing):
        model.compute_loss = _Weighing(model)
        model.fit = _fit_that_closes_windows(model)
        model.train_function = None  # one that is compiled already would not weigh
    return model


def find_accum_optimizer(model) -> AccumOptimizer | None:
    """The AccumOptimizer of `model`, also inside a LossScaleOptimizer, or None."""
    for optimizer in with_inner_optimizers(getattr(model, "optimizer", None)):
        if isinstance(optimizer, AccumOptimizer):
            return optimizer
    return None


class _Weighing:
    """`model.compute_loss`, which also gives the optimizer the weight of the micro-batch."""

    def __init__(self, model):
        self._model = model
        self._compute_loss = model.compute_loss

    def __call__(self, x=None, y=None, y_pred=None, sample_weight=None, **training):
        # Keras gives `training` only to a `compute_loss` that takes it.
        loss = self._compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **training)
        optimizer = find_accum_optimizer(self._model)
        if optimizer is None or not training.get("training", True):
            return loss
        is_sum = _check_reductions(self._model.loss, optimizer)
        optimizer.weigh(micro_batch_weight(self._model.loss, x, y, y_pred, sample_weight))
        if is_sum and self._model.losses:
            # Penalties do not grow with the batch: those of n micro-batches must add up to one.
            penalty = ops.sum(ops.stack([ops.sum(part) for part in self._model.losses]))
            loss = loss + (1 / _get_fixed_steps(optimizer) - 1) * ops.cast(penalty, loss.dtype)
        return loss


def _check_reductions(loss, optimizer):
    is_sum = {reduction == "sum" for reduction in get_reductions(loss)} or {False}
    if is_sum != {optimizer.reduction == "sum"}:
        raise ValueError(
            "Loss and optimizer must reduce a batch the same way: all losses with "
            "`reduction='sum'` and `AccumOptimizer(..., reduction='sum')`, or none. Received: "
            f"losses with {sorted(map(str, get_reductions(loss)))}, "
            f"AccumOptimizer(reduction={optimizer.reduction!r})."
        )
    return optimizer.reduction == "sum"


def _get_fixed_steps(optimizer):
    if callable(optimizer.steps_per_update):
        raise ValueError(
            "With `reduction='sum'` and penalties in `model.losses`, `steps_per_update` must be "
            f"an integer. Received: {optimizer.steps_per_update!r}. Use the optimizer's "
            "`weight_decay` for the penalty, or a loss that averages."
        )
    return optimizer.steps_per_update


def _fit_that_closes_windows(model):
    fit = model.fit
    compiled_steps = None

    @functools.wraps(fit)
    def fit_and_close(*args, **kwargs):
        nonlocal compiled_steps
        optimizer = find_accum_optimizer(model)
        if optimizer is None:
            return fit(*args, **kwargs)
        if optimizer.steps_per_update != compiled_steps:
            compiled_steps = optimizer.steps_per_update
            model.train_function = None  # see `penalty` above, where it is a constant
        arguments = inspect.signature(fit).bind(*args, **kwargs).arguments
        # First, so that other callbacks see the weights that the large batch would give.
        callbacks = [_CloseWindow(), *keras.tree.flatten(arguments.get("callbacks") or [])]
        return fit(**{**arguments, "callbacks": callbacks})

    return fit_and_close


class _CloseWindow(keras.callbacks.Callback):
    def on_test_begin(self, logs=None):  # validation, which comes before the epoch's end
        find_accum_optimizer(self.model).close_window()

    def on_epoch_end(self, epoch, logs=None):
        find_accum_optimizer(self.model).close_window()
