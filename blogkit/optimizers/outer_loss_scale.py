"""Detect an outer loss scale: which micro-batches a LossScaleOptimizer has skipped.

Under the policy mixed_float16, `compile` puts a LossScaleOptimizer around the optimizer. When a
micro-batch overflows it halves its scale and does not pass the gradients on. The large batch would
have overflowed as a whole, so the whole window must be dropped.
"""

from collections.abc import Callable

import keras
from keras import ops


class OuterLossScale:
    """Counts the micro-batches that a LossScaleOptimizer has skipped, and drops their windows.

    The LossScaleOptimizer halves its `dynamic_scale` once per skipped micro-batch, so between two calls

        skipped = log2(expected scale / dynamic_scale).

    Args:
        loss_scale_optimizer: The LossScaleOptimizer around the optimizer.
        add_variable: `keras.optimizers.Optimizer.add_variable` of the optimizer.
    """

    def __init__(self, loss_scale_optimizer, add_variable: Callable):
        self._optimizer = loss_scale_optimizer
        self.expected_scale = add_variable(
            (),
            keras.initializers.Constant(loss_scale_optimizer.initial_scale),
            "float32",
            name="expected_scale",
        )
        self.has_overflow = add_variable((), "zeros", "int", name="window_has_overflow")
        self._seen = None

    def look(self) -> None:
        """Reads the scale; to be called before Keras opens a stateless scope that hides it."""
        scale = ops.convert_to_tensor(self._optimizer.dynamic_scale)
        last_before_growth = self._optimizer.dynamic_growth_steps - 1
        grows = ops.equal(self._optimizer.step_counter, last_before_growth)
        self._seen = scale, ops.where(grows, 2.0 * scale, scale)

    def count_skipped(self, step_follows: bool):
        """Number of micro-batches skipped since the last call.

        Args:
            step_follows: Whether this is inside a step of the LossScaleOptimizer, which
                may let the scale grow at its end.
        """
        if self._seen is None:
            self.look()
        (scale, next_scale), self._seen = self._seen, None
        halvings = ops.round(ops.log2(ops.divide(self.expected_scale, scale)))
        # A product, because JAX refuses to donate one buffer as two variables.
        self.expected_scale.assign(next_scale if step_follows else 1.0 * scale)
        # Negative where a user has raised the scale by hand.
        return ops.cast(ops.maximum(halvings, 0), self.has_overflow.dtype)

    def drop_skipped(self, window, steps, run_if: Callable, step_follows: bool) -> None:
        """Drops the open window if a part of it was skipped, and notes that the rest must go, too.

        Args:
            window: The `GradientWindow`.
            steps: Number of micro-batches per update.
            run_if: Function `(condition, function)` as `blogkit.ops.run_if`.
            step_follows: As for `count_skipped`.
        """
        skipped = self.count_skipped(step_follows)

        def skip():
            position = ops.mod(window.micro_step + skipped, steps)
            window.reset()
            window.micro_step.assign(position)
            self.has_overflow.assign(ops.minimum(position, 1))

        run_if(ops.greater(skipped, 0), skip)

    def drop_if_due(self, window, is_due, run_if: Callable):
        """Drops a window that `is_due` and has an overflow; returns whether an update is due instead."""
        has_overflow = ops.greater(self.has_overflow, 0)

        def drop():
            window.reset()
            self.has_overflow.assign(0)

        run_if(ops.logical_and(is_due, has_overflow), drop)
        return ops.logical_and(is_due, ops.logical_not(has_overflow))

    def save(self, store) -> None:
        store["expected_scale"] = ops.convert_to_numpy(self.expected_scale)
        store["is_spoilt"] = ops.convert_to_numpy(self.has_overflow)

    def load(self, store) -> None:
        if "expected_scale" in store.keys():  # not when saved without a LossScaleOptimizer
            self.expected_scale.assign(store["expected_scale"])
            self.has_overflow.assign(store["is_spoilt"])
