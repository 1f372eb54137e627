"""The mean over seeds and how well it is known."""

from collections.abc import Sequence

import numpy as np

from blogkit.extras import import_extra

CONFIDENCE = 0.95


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean, `mean +- t(n - 1) * s / sqrt(n)`, by Student's t distribution.

    Args:
        values: At least two numbers, one per seed; `s` is their standard deviation with n - 1.

    Raises:
        ValueError: If there are fewer than two values.
        ModuleNotFoundError: If scipy is not installed.

    Example:

    >>> low, high = t_interval([1.0, 2.0, 3.0])  # t(2) = 4.303, s / sqrt(3) = 0.577
    >>> round(low, 3), round(high, 3)
    (-0.484, 4.484)
    """
    values = np.asarray(values, dtype="float64")
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"`values` must be at least two numbers. Received: values={values.tolist()}.")
    students = import_extra("scipy.stats", needed_by="t_interval").t
    with np.errstate(invalid="ignore"):  # an infinite value makes the interval NaN, which decides nothing
        mean, error = values.mean(), values.std(ddof=1) / np.sqrt(values.size)
    half = students.ppf((1 + CONFIDENCE) / 2, values.size - 1) * error
    return float(mean - half), float(mean + half)
