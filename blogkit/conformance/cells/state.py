"""Cells with a changing n, weights swapped for validation, and an optimizer made from its config."""

import keras
from keras import optimizers as ko

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.cells.settings import scheduled_adam, with_ema
from blogkit.conformance.cells.unequal import small_sgd, summed
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


def _fit_from_config(make, loss=SquaredError, reduction="mean"):
    """Like `fit`, with an optimizer that went through its config."""

    def train(run):
        model = build(run, problems.REGRESSION)
        start = flat(model.weights)
        optimizer = run.optimizer(make, reduction=reduction)
        run.compile(model, ko.deserialize(ko.serialize(optimizer)), loss())
        fit_on(run, model, run.in_order(problems.REGRESSION.data(run.data_rng(), ROWS)))
        return start, flat(model.weights)

    return train


def _fit_four_then_two(run):
    model = build(run, problems.REGRESSION)
    start = flat(model.weights)
    optimizer = run.optimizer(adam, steps=4)
    run.compile(model, optimizer, SquaredError())
    data = run.in_order(problems.REGRESSION.data(run.data_rng(), ROWS), window=2 * MICRO)
    fit_on(run, model, data, epochs=2, steps=4)
    if run.side == "ours":
        optimizer.steps_per_update = 2
    elif run.side == "built-in":
        optimizer.gradient_accumulation_steps = 2
        run.compile(model, optimizer, SquaredError())  # or it would keep the old number
    fit_on(run, model, data, epochs=2, steps=2)
    return start, flat(model.weights)


def _fit_scheduled_steps(rows):
    def train(run):
        model = build(run, problems.REGRESSION)
        start = flat(model.weights)
        # 4 micro-batches while at most 2 updates have been made, which is one epoch; then 2.
        steps = ko.schedules.PiecewiseConstantDecay([2], [4.0, 2.0])
        run.compile(model, run.optimizer(adam, steps), SquaredError())
        data = run.in_order(problems.REGRESSION.data(run.data_rng(), rows), window=2 * MICRO)
        fit_on(run, model, data, epochs=1, steps=4)
        fit_on(run, model, data, epochs=2, steps=2)
        return start, flat(model.weights)

    return train


def _swapped():
    return [keras.callbacks.SwapEMAWeights(), WeightsAtValidation()]


def _fit_swapping_weights(problem, **options):
    def train(run):
        validation = problem.data(run.data_rng(), MICRO)
        validation = validation["x"], validation["y"]
        recipe = fit(with_ema, problem, callbacks=_swapped, validation_data=validation, **options)
        return recipe(run)

    return train


CELLS = [
    Cell(
        "from_config, schedule inside",
        "The optimizer is made again from its config, which contains a learning-rate schedule.",
        _fit_from_config(scheduled_adam),
    ),
    Cell(
        "from_config, sum",
        'The same with AccumOptimizer(..., reduction="sum") and a loss that is a sum.',
        _fit_from_config(small_sgd, summed, reduction="sum"),
    ),
    Cell(
        "n from 4 to 2 between fits",
        "Two epochs of 4 micro-batches per update, two of 2; the large batch halves too.",
        _fit_four_then_two,
    ),
    Cell(
        "n by a schedule",
        "4 micro-batches for the first three updates, then 2, by a Keras schedule object.",
        _fit_scheduled_steps(ROWS),
        built_in=False,
    ),
    Cell(
        "n by a schedule, ragged + partial",
        "The same with 84 rows, so that epochs end within windows of both lengths.",
        _fit_scheduled_steps(84),
        built_in=False,
        extra_line=True,
    ),
    Cell(
        "SwapEMAWeights",
        "Validation sees averaged weights; these and the last ones are compared.",
        _fit_swapping_weights(problems.REGRESSION),
    ),
    Cell(
        "SwapEMAWeights, mixed_float16",
        "The same, with the loss scale that compile() puts outside; the data are small integers.",
        _fit_swapping_weights(problems.INTEGERS, loss=keras.losses.MeanAbsoluteError),
        dtype="mixed_float16",
    ),
]
