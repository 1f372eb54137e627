"""Cells with a custom training loop: gradients in NumPy, then `apply` or `stateless_apply`.

The loss is the mean over rows of |x @ kernel + used * bias - y|^2 / 2, with its gradients
written out, so that the optimizer is the only part of Keras in it. `used` is 1 or 0 per
row; a batch without any 1 has no gradient for the bias (None), as in a model that takes
a branch only for some rows. The variable `idle` never has one.
"""

import keras
import numpy as np

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.run import MICRO, STEPS, flat
from blogkit.ops import compiled_update

SHAPES = {
    "kernel": (problems.FEATURES, problems.OUTPUTS),
    "bias": (problems.OUTPUTS,),
    "idle": (2,),
}
ROWS, EPOCHS = 96, 2  # six updates


def _adamw(**options):
    # Weight decay tells a missing gradient, which moves nothing, from one that is zero.
    return keras.optimizers.AdamW(0.02, weight_decay=0.1, **options)


def _variables(run, names):
    dtype = keras.config.floatx()
    variables = [keras.Variable(np.zeros(SHAPES[name]), dtype=dtype, name=name) for name in names]
    run.initialize(variables)
    return variables


def _gradients(variables, x, y, used):
    kernel, bias, *idle = (keras.ops.convert_to_numpy(v) for v in variables)
    error = (x @ kernel + used * bias - y) / len(x)
    bias_gradient = (used * error).sum(axis=0) if used.any() else None
    grads = [x.T @ error, bias_gradient, *(None for _ in idle)]
    dtype = keras.config.floatx()
    return [None if g is None else keras.ops.convert_to_tensor(g, dtype) for g in grads]


def _make_step(optimizer, variables):
    def step(grads, **weight):
        optimizer.apply(grads, variables, **weight)

    return step


def _make_stateless_step(optimizer, variables):
    stateless_apply = compiled_update(optimizer.stateless_apply)

    def step(grads, **weight):
        state = optimizer.variables
        values, new_state = stateless_apply(
            [v.value for v in state], grads, [v.value for v in variables], **weight
        )
        for variable, value in zip(variables + state, values + new_state):
            variable.assign(value)

    return step


def _loop(make_step, rows=ROWS, names=("kernel", "bias"), unused=()):
    """A recipe. With fewer than ROWS rows, ours is told the weights and closes its windows.

    Args:
        make_step: `_make_step` or `_make_stateless_step`.
        rows: Rows of data.
        names: The variables.
        unused: Places in the window of the micro-batches that do not use the bias.
    """

    def train(run):
        variables = _variables(run, names)
        start = flat(variables)
        optimizer = run.optimizer(_adamw)
        optimizer.build(variables)
        step = make_step(optimizer, variables)
        data = problems.REGRESSION.data(run.data_rng(), rows)
        place = np.arange(rows) // MICRO % STEPS
        data = run.in_order({**data, "used": 1.0 - np.isin(place, unused)[:, None]})
        unequal = run.side == "ours" and rows < ROWS
        for _ in range(EPOCHS):
            for first in range(0, rows, run.batch_size()):
                batch = [array[first : first + run.batch_size()] for array in data.values()]
                weight = {"weight": float(len(batch[0]))} if unequal else {}
                step(_gradients(variables, *batch), **weight)
            if unequal:
                optimizer.close_window()
        return start, flat(variables)

    return train


NONE = {"warns": ("Gradients do not exist",)}
STATELESS = ("jax", "torch")  # Keras' TensorFlow optimizers have no `stateless_apply`
CELLS = [
    Cell(
        "apply",
        "`optimizer.apply(grads, variables)` on equal micro-batches.",
        _loop(_make_step),
    ),
    Cell(
        "apply, ragged + partial",
        "84 rows: `apply(..., weight=rows)`, and `close_window()` after each epoch.",
        _loop(_make_step, rows=84),
    ),
    Cell(
        "stateless_apply",
        "`optimizer.stateless_apply` on equal micro-batches, compiled on JAX.",
        _loop(_make_stateless_step),
        backends=STATELESS,
    ),
    Cell(
        "stateless_apply, ragged + partial",
        "84 rows: `stateless_apply(..., weight=rows)`, and `close_window()` after each epoch.",
        _loop(_make_stateless_step, rows=84),
        backends=STATELESS,
    ),
    Cell(
        "None gradient",
        "A variable that never has a gradient must not even decay.",
        _loop(_make_step, names=("kernel", "bias", "idle")),
        **NONE,
    ),
    Cell(
        "None in some micro-batches",
        "Two of four micro-batches do not use the bias; in the mean they count as zero.",
        _loop(_make_step, unused=(1, 3)),
        **NONE,
    ),
]
