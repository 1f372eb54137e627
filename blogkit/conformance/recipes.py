"""Training procedures of the cells, mostly `fit`, the same for every side of a comparison."""

from collections.abc import Callable

import keras
import numpy as np

from blogkit.conformance.problems import REGRESSION
from blogkit.conformance.run import STEPS, Run, flat

ROWS, EPOCHS = 96, 4  # three large batches an epoch, twelve updates


def adam(**options):
    return keras.optimizers.Adam(0.02, **options)


@keras.saving.register_keras_serializable("blogkit")
class SquaredError(keras.losses.Loss):
    """The sum of squares over the outputs, reduced over rows and time as Keras does.

    `keras.losses.MeanSquaredError` takes a mean over the outputs, which Keras computes in
    float32 on JAX: that alone would make 1e-8 of 1e-16.
    """

    def call(self, y_true, y_pred):
        return keras.ops.sum(keras.ops.square(y_true - y_pred), axis=-1)


def no_callbacks() -> list:
    return []


class WeightsAtValidation(keras.callbacks.Callback):
    """Keeps the weights of each validation, to be compared too."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_test_begin(self, logs=None):
        self.seen.append(flat(self.model.weights))


def build(run: Run, problem):
    """The problem's model, with the same initial weights on every side."""
    model = problem.model()
    run.initialize(w for w in model.weights if not w.name.startswith("moving_"))
    return model


def fit_on(run: Run, model, data: dict, epochs: int = EPOCHS, steps: int = STEPS, **options) -> None:
    options = {"batch_size": run.batch_size(steps), "shuffle": False, "verbose": 0, **options}
    model.fit(**data, epochs=epochs, **options)


def fit(
    make: Callable = adam,
    problem=REGRESSION,
    *,
    rows: int = ROWS,
    loss: Callable = SquaredError,
    reduction: str = "mean",
    outside: Callable | None = None,
    callbacks: Callable = no_callbacks,
    compile: dict | None = None,
    epochs: int = EPOCHS,
    **options,
) -> Callable:
    """A recipe: `model.fit` from start to end.

    Args:
        make, reduction, outside: As in `Run.optimizer`.
        problem: Model and data.
        rows: Rows of data; batches are filled in their order.
        loss: Function without arguments that gives the loss.
        callbacks: Function that makes a list of callbacks. If one of them has an attribute `seen`,
            a list of vectors, these are compared along with the last weights.
        compile: Further arguments of `Run.compile`.
        **options: Further arguments of `model.fit`.
    """

    def train(run):
        model = build(run, problem)
        start = flat(model.weights)
        optimizer = run.optimizer(make, reduction=reduction, outside=outside)
        run.compile(model, optimizer, loss(), **(compile or {}))
        data = run.in_order(problem.data(run.data_rng(), rows))
        watchers = callbacks()
        fit_on(run, model, data, epochs, callbacks=watchers, **options)
        seen = [vector for watcher in watchers for vector in getattr(watcher, "seen", [])]
        return np.tile(start, 1 + len(seen)), np.concatenate([flat(model.weights), *seen])

    return train
