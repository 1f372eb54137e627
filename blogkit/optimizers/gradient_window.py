"""The state of an open window: the sum of its micro-batches' gradients."""

from collections.abc import Callable

import numpy as np
from keras import ops

from blogkit.ops import accumulate, divide_or_zero, has_values, mean_over_replicas
from blogkit.ops.keras_internals import layout_of


class GradientWindow:
    """Weighted mean (or sum) of gradients that come one micro-batch at a time.

    With gradient `g_k` and weight `W_k` of micro-batch k it keeps

        s_k = s_{k-1} + W_k g_k,    w_k = w_{k-1} + W_k,

    in float32 or better, and returns `s_n / w_n`; with `reduction="sum"` it returns `s_n` with
    `W_k = 1`. The first micro-batch replaces `s`: closing a window then costs no pass over it, and
    an inf or NaN does not reach the next window.

    Args:
        variables: The variables of the gradients, in their order.
        add_variable: Function as `keras.optimizers.Optimizer.add_variable`.
        reduction: "mean" or "sum".
    """

    def __init__(self, variables: list, add_variable: Callable, reduction: str):
        self.reduction = reduction
        self.micro_step = add_variable((), "zeros", "int", name="micro_step")
        # `add_variable_from_reference` would keep the dtype of half-precision weights.
        # Not `result_type`, which on JAX makes float32 of float64 and float32.
        dtypes = ["float64" if v.dtype == "float64" else "float32" for v in variables]
        widest = "float64" if "float64" in dtypes else "float32"
        self.weight = add_variable((), "zeros", widest, name="window_weight")
        self.sums = [
            add_variable(
                variable.shape,
                "zeros",
                dtype,
                layout=layout_of(variable),
                name=f"{variable.path.replace('/', '_')}_gradient_sum",
            )
            for variable, dtype in zip(variables, dtypes)
        ]
        # Indices of variables that have a gradient: in this window, and in any compiled step, which
        # runs without this Python code. A variable without a gradient in every micro-batch has none
        # in the large batch. A zero would not be the same: moments would decay.
        self._seen, self._compiled = set(), set()

    @property
    def counters(self) -> list:
        """The variables that the end of a window resets."""
        return [self.micro_step, self.weight]

    def add(self, grads: list, weight=None) -> None:
        """Adds the gradients (None: no gradient) of a micro-batch of `weight` (default 1)."""
        self._remember(grads)
        active = [i for i in range(len(grads)) if self._has_gradient(i)]
        terms = [self._get_term(grads[i], self.sums[i], weight) for i in active]
        sums = [self.sums[i] for i in active]
        weight = ops.cast(1 if weight is None else weight, self.weight.dtype)
        is_first = ops.equal(self.micro_step, 0)
        accumulate([*sums, self.weight], [*terms, weight], is_first)  # += or, first, =
        self.micro_step.assign_add(1)

    def _remember(self, grads):
        known = self._seen if has_values(self.micro_step.value) else self._compiled
        known |= {i for i, gradient in enumerate(grads) if gradient is not None}

    def _get_term(self, gradient, total, weight):
        if gradient is None:
            return ops.zeros(total.shape, total.dtype)
        gradient = ops.cast(gradient, total.dtype)
        if weight is None or self.reduction == "sum":
            return gradient
        return gradient * ops.cast(weight, total.dtype)

    def _has_gradient(self, i):
        return i in self._seen or i in self._compiled

    def gradients(self, variables: list) -> list:
        """The window's gradients, in the dtypes of `variables`; None where there is none.

        On R replicas of `tf.distribute` each has a window of its own. Keras divides every loss by R,
        and the optimizer sums over the replicas, so replica r gives `s_r / ((w_1 + ... + w_R) / R)`.

        Args:
            variables: The variables that the window was made for.
        """
        is_sum = self.reduction == "sum"
        divisor = mean_over_replicas(self.weight.value)
        totals = [t.value if is_sum else divide_or_zero(t.value, divisor) for t in self.sums]
        return [
            ops.cast(total, variable.dtype) if self._has_gradient(i) else None
            for i, (total, variable) in enumerate(zip(totals, variables))
        ]

    def reset(self) -> None:
        for variable in self.counters:
            variable.assign(ops.zeros((), variable.dtype))
        if has_values(self.micro_step.value):
            # A gradient that first comes late in the next window must start from zero.
            for i in self._seen:
                self.sums[i].assign(ops.zeros(self.sums[i].shape, self.sums[i].dtype))
            self._seen.clear()

    def save(self, store) -> None:
        store["micro_step"] = ops.convert_to_numpy(self.micro_step)
        store["weight"] = ops.convert_to_numpy(self.weight)
        for i, total in enumerate(self.sums):
            # The sums of a closed window are not needed any more.
            total = ops.convert_to_numpy(total)
            store[f"sum_{i}"] = total if store["micro_step"] else np.zeros_like(total)

    def load(self, store) -> None:
        self.micro_step.assign(store["micro_step"])
        self.weight.assign(store["weight"])
        for i, total in enumerate(self.sums):
            total.assign(store[f"sum_{i}"])
            if np.any(store[f"sum_{i}"]):
                self._seen.add(i)
