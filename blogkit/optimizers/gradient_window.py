"""The state of an open window: the running mean of its micro-batches' gradients."""

import numpy as np
from keras import ops

from blogkit.optimizers.backend import add_to, is_executing, move_towards, ratio


class GradientWindow:
    """Weighted mean (or sum) of gradients that arrive one micro-batch at a time.

    With gradient `g_k` and weight `W_k` of micro-batch k, and `m_0 = w_0 = 0`,

        w_k = w_{k-1} + W_k,    m_k = m_{k-1} + W_k / w_k * (g_k - m_{k-1}),

    so that `m_k = sum W_i g_i / sum W_i`. Dividing on the way keeps `m_k` as small as a
    gradient, so a scaled loss cannot overflow it. With `reduction="sum"`, `m_k = sum g_i`.

    Args:
        variables: The variables of the gradients, in their order.
        add_variable: `keras.optimizers.Optimizer.add_variable` of the owner.
        reduction: "mean" or "sum".
    """

    def __init__(self, variables, add_variable, reduction):
        self.reduction = reduction
        self.micro_step = add_variable((), "zeros", "int", name="micro_step")
        # `add_variable_from_reference` would keep the dtype of half-precision weights.
        # Not `result_type`, which on JAX makes float32 of float64 and float32.
        dtypes = ["float64" if v.dtype == "float64" else "float32" for v in variables]
        widest = "float64" if "float64" in dtypes else "float32"
        self.weight = add_variable((), "zeros", widest, name="window_weight")
        self.means = [
            add_variable(
                variable.shape,
                "zeros",
                dtype,
                layout=getattr(variable, "_layout", None),
                name=f"{variable.path.replace('/', '_')}_gradient_mean",
            )
            for variable, dtype in zip(variables, dtypes)
        ]
        # Indices of variables that have a gradient: in this window, and in any compiled
        # step, which runs without coming here again. Where no micro-batch has one, nor has
        # the large batch, and that is not the same as a zero: moments would decay.
        self._seen, self._compiled = set(), set()

    @property
    def variables(self):
        return [self.micro_step, self.weight, *self.means]

    def add(self, grads, weight):
        """Takes the gradients (None: no gradient) of a micro-batch of `weight`."""
        weight = ops.cast(weight, self.weight.dtype)
        self.micro_step.assign_add(1)
        add_to(self.weight, weight)
        share = ratio(weight, self.weight.value)
        known = self._seen if is_executing(self.micro_step) else self._compiled
        known |= {i for i, gradient in enumerate(grads) if gradient is not None}
        for i, (mean, gradient) in enumerate(zip(self.means, grads)):
            if i not in self._seen | self._compiled:
                continue
            if gradient is None:
                gradient = ops.zeros(mean.shape, mean.dtype)
            if self.reduction == "sum":
                add_to(mean, ops.cast(gradient, mean.dtype))
            else:
                move_towards(mean, ops.cast(gradient, mean.dtype), ops.cast(share, mean.dtype))

    def gradients(self, variables, factor=None):
        """The window's gradients, in the dtypes of `variables`; None where there is none.

        Args:
            variables: The variables that the window was made for.
            factor: A scalar that multiplies them, or None.
        """

        def as_gradient(mean, variable):
            value = mean.value if factor is None else mean * ops.cast(factor, mean.dtype)
            return ops.cast(value, variable.dtype)

        return [
            as_gradient(mean, variable) if i in self._seen | self._compiled else None
            for i, (mean, variable) in enumerate(zip(self.means, variables))
        ]

    def save(self, store):
        store["micro_step"] = ops.convert_to_numpy(self.micro_step)
        store["weight"] = ops.convert_to_numpy(self.weight)
        for i, mean in enumerate(self.means):
            store[f"mean_{i}"] = ops.convert_to_numpy(mean)

    def load(self, store):
        self.micro_step.assign(store["micro_step"])
        self.weight.assign(store["weight"])
        for i, mean in enumerate(self.means):
            mean.assign(store[f"mean_{i}"])
            if np.any(store[f"mean_{i}"]):
                self._seen.add(i)

    def reset(self):
        if is_executing(self.micro_step):
            self._seen.clear()
        # Assigned, not multiplied by 0, which would keep an inf or NaN for ever.
        for variable in self.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
