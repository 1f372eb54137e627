"""Cells with micro-batches of unequal weight, and windows that an epoch ends early."""

import keras
import numpy as np

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.recipes import (
    ROWS,
    SquaredError,
    WeightsAtValidation,
    adam,
    build,
    fit,
    fit_on,
)
from blogkit.conformance.run import MICRO, flat

RAGGED, PARTIAL, BOTH = 90, 80, 84  # rows: a last batch of 2; 2 micro-batches left; both
CLASS_WEIGHT = {0: 1.0, 1: 4.0, 2: 0.5}


def sgd(**options):
    return keras.optimizers.SGD(0.1, momentum=0.9, **options)


def small_sgd(**options):
    """For sums, whose gradients are those of means times 32."""
    return keras.optimizers.SGD(0.003, momentum=0.9, **options)


def weighted_mean():
    return SquaredError(reduction="mean_with_sample_weight")


def summed():
    return SquaredError(reduction="sum")


def cross_entropy(**options):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, **options)


def weighted_cross_entropy():
    return cross_entropy(reduction="mean_with_sample_weight")


def _validated():
    return [WeightsAtValidation()]


def _fit_with_validation(run):
    rng = np.random.default_rng(run.seed)
    validation = problems.REGRESSION.data(rng, MICRO)
    recipe = fit(rows=BOTH, callbacks=_validated, validation_data=(validation["x"], validation["y"]))
    return recipe(run)


class _CutToLength(keras.utils.PyDataset):
    """Batches of sequences, each cut to the longest of its rows."""

    def __init__(self, x, y, batch_size):
        super().__init__()
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return -(-len(self.x) // self.batch_size)

    def __getitem__(self, index):
        rows = slice(index * self.batch_size, (index + 1) * self.batch_size)
        length = self.x[rows].any(axis=(0, 2)).sum()
        return self.x[rows, :length], self.y[rows, :length]


def _fit_cut_to_length(run):
    model = build(run, problems.VARYING_LENGTH)
    start = flat(model.weights)
    run.compile(model, run.optimizer(adam), SquaredError())
    data = run.in_order(problems.VARYING_LENGTH.data(run.data_rng(), ROWS))
    batches = _CutToLength(**data, batch_size=run.batch_size())
    fit_on(run, model, {"x": batches}, batch_size=None)
    return start, flat(model.weights)


def _fit_generator(run):
    model = build(run, problems.REGRESSION)
    start = flat(model.weights)
    run.compile(model, run.optimizer(adam), SquaredError())
    data = run.in_order(problems.REGRESSION.data(run.data_rng(), BOTH))
    x, y = (data[name].astype(keras.config.floatx()) for name in "xy")
    firsts = range(0, BOTH, run.batch_size())

    def batches():
        while True:
            for first in firsts:
                rows = slice(first, first + run.batch_size())
                yield x[rows], y[rows]

    fit_on(run, model, {"x": batches()}, batch_size=None, steps_per_epoch=len(firsts))
    return start, flat(model.weights)


def _unequal(name, meaning, *args, **options):
    return Cell(name, meaning, fit(*args, **options), extra_line=True)


CELLS = [
    _unequal("ragged", "90 rows: the last micro-batch of an epoch has 2.", rows=RAGGED),
    _unequal("partial", "80 rows: the last window of an epoch has 2 micro-batches.", rows=PARTIAL),
    _unequal("ragged + partial", "84 rows: 2 whole micro-batches and one of 4 remain.", rows=BOTH),
    Cell(
        "ragged + partial, generator",
        "The same from a Python generator, whose length is unknown.",
        _fit_generator,
        extra_line=True,
    ),
    Cell(
        "ragged + partial, validation",
        "The same, with the weights that each validation sees compared too.",
        _fit_with_validation,
        extra_line=True,
    ),
    Cell(
        'ragged + partial, loss "mse"',
        "The same with a loss that is given by its name.",
        fit(rows=BOTH, loss=lambda: "mse"),
        extra_line=True,
        dtype="float32",  # in which Keras computes this mean on JAX, whatever is asked
    ),
    Cell(
        "ragged + partial, loss function",
        "The same with a plain function as the loss.",
        fit(rows=BOTH, loss=lambda: keras.losses.mean_absolute_error),
        extra_line=True,
        dtype="float32",
    ),
    _unequal(
        "ragged + partial, L2",
        "The same with a penalty on the kernel.",
        problem=problems.L2,
        rows=BOTH,
    ),
    _unequal(
        "ragged + partial, EMA, schedule",
        "The same with a learning-rate schedule, EMA and weight decay.",
        lambda **options: keras.optimizers.AdamW(
            keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5),
            weight_decay=0.1,
            use_ema=True,
            ema_momentum=0.8,
            **options,
        ),
        rows=BOTH,
    ),
    _unequal(
        "ragged + partial, two outputs",
        "The same with two losses, weighted 1 and 0.3.",
        problem=problems.TWO_LOSSES,
        loss=lambda: [SquaredError(), SquaredError()],
        compile={"loss_weights": [1.0, 0.3]},
        rows=BOTH,
    ),
    Cell(
        "sample_weight",
        "Weights per row under the default reduction, which divides by the number of rows.",
        fit(problem=problems.WEIGHTED),
    ),
    _unequal(
        "sample_weight, ragged + partial",
        "The same with 84 rows.",
        problem=problems.WEIGHTED,
        rows=BOTH,
    ),
    _unequal(
        "mean_with_sample_weight",
        "The reduction that divides by the sum of the sample weights.",
        problem=problems.WEIGHTED,
        loss=weighted_mean,
    ),
    _unequal(
        "mean_with_sample_weight, zeros",
        "The same; the first micro-batch of each window and all of the second weigh nothing.",
        problem=problems.WEIGHTS_WITH_ZEROS,
        loss=weighted_mean,
    ),
    _unequal(
        "mean_with_sample_weight, 84 rows",
        "Sums of weights, ragged and partial.",
        problem=problems.WEIGHTED,
        loss=weighted_mean,
        rows=BOTH,
    ),
    Cell(
        "class_weight",
        "Weights per class under the default reduction.",
        fit(problem=problems.CLASSES, loss=cross_entropy, class_weight=CLASS_WEIGHT),
    ),
    _unequal(
        "class_weight, weighted mean",
        "Weights per class under mean_with_sample_weight.",
        problem=problems.CLASSES,
        loss=weighted_cross_entropy,
        class_weight=CLASS_WEIGHT,
    ),
    _unequal(
        "mask",
        "A Masking layer: the loss is a mean over the tokens that are left.",
        problem=problems.MASKED,
    ),
    _unequal("mask, ragged + partial", "The same with 84 rows.", problem=problems.MASKED, rows=BOTH),
    _unequal(
        "mask, nothing left",
        "The first micro-batch of each window and all of the second have no token.",
        problem=problems.EMPTY_MICRO_BATCHES,
    ),
    _unequal(
        "mask, Embedding",
        "Embedding(mask_zero=True), its table not trained.",
        problem=problems.MASKED_EMBEDDING,
    ),
    _unequal(
        "mask, sample_weight",
        "Token counts and a weight per row, under mean_with_sample_weight.",
        problem=problems.MASKED_WEIGHTED,
        loss=weighted_mean,
    ),
    Cell(
        "varying length",
        "Every micro-batch is padded to its own longest row, the large batch to its longest.",
        _fit_cut_to_length,
        extra_line=True,
    ),
    Cell(
        "sum",
        'A loss with reduction="sum" and AccumOptimizer(..., reduction="sum").',
        fit(small_sgd, loss=summed, reduction="sum"),
    ),
    Cell(
        "sum, ragged",
        "The same with 90 rows: a sum needs no weights.",
        fit(small_sgd, loss=summed, reduction="sum", rows=RAGGED),
    ),
    _unequal(
        "sum, ragged + partial",
        "The same with 84 rows.",
        small_sgd,
        loss=summed,
        reduction="sum",
        rows=BOTH,
    ),
    _unequal(
        "sum, L2",
        "A sum, and a penalty that each micro-batch would add once more.",
        small_sgd,
        problems.L2,
        loss=summed,
        reduction="sum",
    ),
]
