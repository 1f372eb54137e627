"""The number of micro-batches per update, an integer or a function of the updates made."""

import numbers
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from blogkit.ops import has_values

# Compiled code can refuse no value, so a function is asked for these numbers of updates beforehand.
ASKED = (*range(64), *(2**power for power in range(6, 21)))


class StepsPerUpdate:
    """n of an AccumOptimizer.

    Args:
        value: A positive integer, or a function of the number of updates, whose result is rounded
            and must be positive for every number of updates.

    Raises:
        TypeError, ValueError: If `value` is neither.
    """

    def __init__(self, value: int | Callable):
        self.value = _checked(value)
        self._variable = None

    def build(self, add_variable: Callable) -> None:
        """Makes the variable of an integer n, so that compiled train steps see a new value."""
        if not callable(self.value):
            initial = keras.initializers.Constant(self.value)
            self._variable = add_variable((), initial, "int", name="steps_per_update")

    def change(self, value: int | Callable, built: bool) -> None:
        """Sets n; once the optimizer is `built`, from one integer to another only."""
        new = _checked(value)
        if built and (self._variable is None or callable(new)):
            raise ValueError(
                "`steps_per_update` of a built AccumOptimizer can change only from one integer "
                "to another, the first being above 1: without that there are no accumulators. "
                f"Received: {value!r} after {self.value!r}. Make a new AccumOptimizer, if need "
                "be with a function of the number of updates, and compile again."
            )
        self.value = new
        if built:
            self._variable.assign(new)

    def current(self, iterations, dtype):
        """n after `iterations` updates, a scalar tensor."""
        if self._variable is not None:
            return ops.convert_to_tensor(self._variable)
        steps = ops.round(ops.convert_to_tensor(self.value(iterations)))
        _check_positive(steps, iterations)
        return ops.cast(steps, dtype)

    def save(self, store) -> None:
        store["steps_per_update"] = np.array(self._stored())

    def check_stored(self, store) -> None:
        """Raises `ValueError` if the checkpoint `store` has another n."""
        stored = int(store["steps_per_update"][()])
        if stored != self._stored():
            described = f"steps_per_update={stored}" if stored else "a function as steps_per_update"
            raise ValueError(
                f"The checkpoint has {described}, this optimizer has steps_per_update={self.value!r}. "
                f"Load into `AccumOptimizer(optimizer, {stored or 'function'})`."
            )

    def _stored(self):
        return 0 if callable(self.value) else self.value


def _checked(steps):
    if callable(steps):
        for updates in ASKED:
            _check_positive(ops.convert_to_tensor(steps(ops.convert_to_tensor(updates, "int32"))), updates)
        return steps
    is_integer = isinstance(steps, numbers.Integral) and not isinstance(steps, bool)
    if not is_integer or steps < 1:
        raise (ValueError if is_integer else TypeError)(
            f"`steps_per_update` must be a positive integer. Received: steps_per_update={steps!r}. Give the "
            "number of micro-batches that make one update, such as 4, or a function of the number of "
            "updates that returns it."
        )
    return int(steps)


def _check_positive(steps, updates):
    """Raises if a function gives no positive number of steps, where its value is known."""
    if not has_values(steps):
        return
    steps = float(ops.convert_to_numpy(steps))
    if not np.rint(steps) >= 1:
        raise ValueError(
            "`steps_per_update` must be at least 1 for every number of updates. "
            f"Received: {steps:g} after {int(updates)} updates. Let the function return "
            "`keras.ops.maximum(steps, 1)`, for example."
        )
