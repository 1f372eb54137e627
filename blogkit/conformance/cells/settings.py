"""Cells for settings of an optimizer, a variable or a callback that count in updates."""

import keras
from keras import optimizers as ko

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.recipes import adam, fit


def schedule():
    return ko.schedules.ExponentialDecay(0.05, decay_steps=3, decay_rate=0.5)


def scheduled_adam(**options):
    return ko.Adam(schedule(), **options)


def sgd(**options):
    return ko.SGD(0.1, **options)


def with_ema(**options):
    return adam(use_ema=True, ema_momentum=0.8, **options)


def _halve_each_epoch():
    return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)]


def _reduce_on_plateau():
    # An improvement of 10 never comes, so the rate falls after every epoch but the first.
    return [keras.callbacks.ReduceLROnPlateau("loss", factor=0.3, patience=1, min_delta=10.0)]


CELLS = [
    Cell(
        "weight_decay",
        "Decoupled weight decay, applied once per update.",
        fit(lambda **options: sgd(weight_decay=0.5, **options)),
    ),
    Cell(
        "clipnorm",
        "The norm of each variable's gradient is clipped: that of the mean, not of a part.",
        fit(lambda **options: sgd(clipnorm=0.1, **options)),
    ),
    Cell(
        "global_clipnorm",
        "The norm of all gradients together is clipped.",
        fit(lambda **options: sgd(global_clipnorm=0.2, **options)),
    ),
    Cell(
        "clipvalue",
        "Each number of the gradient is clipped.",
        fit(lambda **options: sgd(clipvalue=0.05, **options)),
    ),
    Cell(
        "loss_scale_factor",
        "A fixed loss scale, taken out again by the optimizer.",
        fit(lambda **options: sgd(loss_scale_factor=64.0, **options)),
    ),
    Cell(
        "EMA",
        "use_ema: the model ends with averaged weights, averaged once per update.",
        fit(with_ema),
    ),
    Cell(
        "EMA, overwrite",
        "The average replaces the weights every 4 updates.",
        fit(lambda **options: with_ema(ema_overwrite_frequency=4, **options)),
    ),
    Cell(
        "MaxNorm constraint",
        "A constraint on the kernel, applied once per update.",
        fit(problem=problems.MAX_NORM),
    ),
    Cell(
        "shrinking constraint",
        "A constraint that acts again each time it is called: weights times 0.9.",
        fit(problem=problems.SHRUNK),
    ),
    Cell(
        "L2 regularizer",
        "A penalty on the kernel in every micro-batch's loss; its mean is itself.",
        fit(problem=problems.L2),
    ),
    Cell(
        "learning-rate schedule",
        "A schedule object inside the optimizer, halving every 3 updates.",
        fit(scheduled_adam),
    ),
    Cell(
        "LearningRateScheduler",
        "A callback that halves the learning rate at each epoch.",
        fit(callbacks=_halve_each_epoch),
    ),
    Cell(
        "ReduceLROnPlateau",
        "A callback that cuts the learning rate when the loss stalls.",
        fit(callbacks=_reduce_on_plateau),
    ),
    Cell(
        "LayerNormalization",
        "Statistics per row: what to use instead of BatchNormalization.",
        fit(problem=problems.LAYER_NORM),
        dtype="float32",  # in which Keras computes a variance on JAX and torch, whatever is asked
    ),
    Cell(
        "BatchNormalization",
        "Statistics come from the micro-batch: no accumulation can be exact, whoever does it.",
        fit(problem=problems.BATCH_NORM),
        exact=False,
        warns=(".*BatchNormalization.*",),
    ),
]
