"""Sigmoid, sign and quotient for floats and arrays; floats use `math`, which is faster."""

import math

import numpy as np


def sigmoid(t: float | np.ndarray) -> float | np.ndarray:
    if isinstance(t, float):
        e = math.exp(-abs(t))
        return (1 if t >= 0 else e) / (1 + e)
    e = np.exp(-np.abs(t))
    return np.where(t >= 0, 1, e) / (1 + e)


def sign(t: float | np.ndarray) -> float | np.ndarray:
    return 1.0 * (t > 0) - 1.0 * (t < 0)


def quotient(a: float | np.ndarray, n: float | np.ndarray) -> float | np.ndarray:
    """a / n, and 0 where n is 0."""
    if isinstance(n, float):
        return a / n if n else 0.0
    return np.where(n == 0, 0.0, a / np.where(n == 0, 1.0, n))
