"""Cells for variables with sparse or missing gradients, or frozen between two fits."""

import keras

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.recipes import (
    ROWS,
    SquaredError,
    adam,
    build,
    fit,
    fit_on,
)
from blogkit.conformance.run import flat


def _fit_embedding(run):
    dense, sparse = problems.DENSE_EMBEDDING, problems.EMBEDDING
    is_reference = run.side == "large" and not run.reordered
    model = build(run, dense if is_reference else sparse)
    start = flat(model.weights)
    run.compile(model, run.optimizer(adam), SquaredError())
    fit_on(run, model, run.in_order(sparse.data(run.data_rng(), ROWS)))
    return start, flat(model.weights)


def _fit_then_freeze(run):
    model = build(run, problems.REGRESSION)
    start = flat(model.weights)
    run.compile(model, run.optimizer(adam), SquaredError())
    data = run.in_order(problems.REGRESSION.data(run.data_rng(), ROWS))
    fit_on(run, model, data, epochs=2)
    model.layers[1].trainable = False
    run.compile(model, model.optimizer, SquaredError())
    fit_on(run, model, data, epochs=2)
    return start, flat(model.weights)


CELLS = [
    Cell(
        "Embedding",
        "Reference: the table as a matrix product of one-hot rows. Floor: plain Adam, Embedding.",
        _fit_embedding,
        defect=(
            "on TensorFlow, plain Adam, RMSprop, Adagrad and clipnorm treat the sparse gradient of "
            "an Embedding with repeated ids otherwise than the same gradient made dense"
        ),
    ),
    Cell(
        "weight without gradient",
        "A layer's weight that the loss does not use (None on TensorFlow and torch, 0 on JAX).",
        fit(
            lambda **options: keras.optimizers.AdamW(0.02, weight_decay=0.1, **options),
            problems.IDLE_WEIGHT,
        ),
        warns=("Gradients do not exist",),
    ),
    Cell(
        "layer frozen between fits",
        "The first layer stands still in the second half; model and optimizer stay.",
        _fit_then_freeze,
        # On JAX, a Keras optimizer takes exactly the variables that it was built with.
        backends=("tensorflow", "torch"),
    ),
]
