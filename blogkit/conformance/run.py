"""One training of one side of a comparison: large batch, built-in accumulation, or ours.

The same recipe trains every side. All differences between sides are decided here: the batch size,
the wrapper around the optimizer, and the order of the rows.
"""

from collections.abc import Callable, Iterable

import keras
import numpy as np

from blogkit.checks import check_choice
from blogkit.optimizers import AccumOptimizer, accumulate_exactly

MICRO = 8  # rows of a full micro-batch
STEPS = 4  # micro-batches of an update, so a large batch has 32 rows
SIDES = ("large", "built-in", "ours")


class Run:
    """One side of a comparison, with the seed of its weights and data.

    Args:
        side: "large" (the plain optimizer, batch 32), "built-in"
            (`gradient_accumulation_steps=4`, batch 8) or "ours" (batch 8).
        seed: Seed of the initial weights and the data, equal for all sides of a comparison.
        extra_line: Whether "ours" calls `accumulate_exactly(model)` after `compile`.
        reordered: Whether the rows of each large batch come in another order, which
            changes nothing but rounding.
    """

    def __init__(self, side: str, seed: int = 0, extra_line: bool = False, reordered: bool = False):
        check_choice("side", side, choices=SIDES)
        self.side, self.seed = side, seed
        self.extra_line, self.reordered = extra_line, reordered

    def batch_size(self, steps: int = STEPS) -> int:
        """Rows per training step, where `steps` micro-batches make one update."""
        return MICRO * steps if self.side == "large" else MICRO

    def optimizer(
        self,
        make: Callable,
        steps: int | Callable = STEPS,
        reduction: str = "mean",
        outside: Callable | None = None,
    ):
        """The optimizer that `make(**options)` returns, with this side's kind of accumulation.

        Args:
            make: Function of keyword arguments for a Keras optimizer.
            steps: Micro-batches per update; for "ours" also a schedule.
            reduction: Reduction of the loss; the built-in accumulation always averages.
            outside: A function that wraps the accumulating optimizer once more.
        """
        if self.side == "ours":
            optimizer = AccumOptimizer(make(), steps, reduction=reduction)
        elif self.side == "built-in":
            optimizer = make(gradient_accumulation_steps=steps)
        else:
            optimizer = make()
        return outside(optimizer) if outside else optimizer

    def compile(self, model, optimizer, loss, build: bool = True, **options):
        """`model.compile`, and `accumulate_exactly` for the side and cells that have it.

        Args:
            build: Whether to build the optimizer here. Otherwise `fit` builds it while it traces
                the train step, and TensorFlow traces twice: half of a cell's time.
        """
        # XLA is slow to start on TensorFlow; JAX needs it. Both have rows of their own.
        options = {"jit_compile": keras.backend.backend() == "jax", **options}
        model.compile(optimizer, loss, **options)
        if build:
            model.optimizer.build(model.trainable_variables)
        return self.with_extra_line(model)

    def with_extra_line(self, model):
        if self.side == "ours" and self.extra_line:
            accumulate_exactly(model)
        return model

    def initialize(self, variables: Iterable) -> None:
        """Gives `variables` the same random values on every side."""
        rng = np.random.default_rng([self.seed, 1])
        for variable in variables:
            variable.assign(0.5 * rng.normal(size=variable.shape))

    def data_rng(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, 2])

    def in_order(self, data: dict, window: int = MICRO * STEPS) -> dict:
        """The arrays of `data`, with the rows of each large batch permuted if asked to."""
        if not self.reordered:
            return data
        rng = np.random.default_rng([self.seed, 3])
        rows = np.arange(len(data["x"]))
        blocks = [rng.permutation(rows[i : i + window]) for i in range(0, len(rows), window)]
        order = np.concatenate(blocks)
        return keras.tree.map_structure(lambda array: array[order], data)


def flat(variables: Iterable) -> np.ndarray:
    """The values of all `variables` in one float64 vector."""
    arrays = [np.asarray(keras.ops.convert_to_numpy(v), dtype="float64") for v in variables]
    return np.concatenate([array.ravel() for array in arrays])
