"""Argument checks with one wording for all functions: counts, numbers, rates and choices."""

import math
import numbers
from collections.abc import Iterable


def check_count(name: str, value, low: int = 1) -> None:
    """Raise unless `value` is an integer of at least `low`; a bool does not count as an integer.

    >>> check_count("steps", 0)
    Traceback (most recent call last):
        ...
    ValueError: `steps` must be a positive integer. Received: steps=0.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < low:
        kind = {0: "a non-negative integer", 1: "a positive integer"}.get(
            low, f"an integer of at least {low}"
        )
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}.")


def check_positive(name: str, value, or_zero: bool = False) -> float:
    """Return `value` as a float; raise unless it is finite and above 0, or 0 if `or_zero`.

    >>> check_positive("weight", -1, or_zero=True)
    Traceback (most recent call last):
        ...
    ValueError: `weight` must be a non-negative number. Received: weight=-1.
    """
    if not _is_number(value) or not math.isfinite(value) or value < 0 or (value == 0 and not or_zero):
        kind = "a non-negative number" if or_zero else "a positive number"
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}.")
    return float(value)


def check_rate(name: str, value) -> None:
    """Raise unless `value` is a number in [0, 1), such as a dropout rate or a decay.

    >>> check_rate("dropout", 1.0)
    Traceback (most recent call last):
        ...
    ValueError: `dropout` must be a number in [0, 1). Received: dropout=1.0.
    """
    if not _is_number(value) or not 0 <= value < 1:
        raise ValueError(f"`{name}` must be a number in [0, 1). Received: {name}={value!r}.")


def check_choice(name: str, value, choices: Iterable) -> None:
    """Raise unless `value` is one of `choices`.

    >>> check_choice("update", "adam", choices=("loss", "ema"))
    Traceback (most recent call last):
        ...
    ValueError: `update` must be one of 'loss', 'ema'. Received: update='adam'.
    """
    choices = tuple(choices)
    if not any(isinstance(value, type(choice)) and value == choice for choice in choices):
        shown = ", ".join(map(repr, choices))
        raise ValueError(f"`{name}` must be one of {shown}. Received: {name}={value!r}.")


def _is_number(value):
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
