"""Checks that dynamics, losses and the trainer share: numbers, settings and names."""

import inspect
import math
import numbers

UPDATES = ("simultaneous", "alternating")


def check_positive(name, value, or_zero=False):
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0 or (value == 0 and not or_zero):
        kind = "a non-negative number" if or_zero else "a positive number"
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}.")
    return float(value)


def check_count(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"`{name}` must be a positive integer. Received: {name}={value!r}.")


def check_decay(name, value):
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not 0 <= value < 1:
        raise ValueError(f"`{name}` must be within [0, 1). Received: {name}={value!r}.")


def check_updates(updates, critic_steps):
    if updates not in UPDATES:
        raise ValueError(
            f"`updates` must be 'simultaneous' or 'alternating'. Received: updates={updates!r}."
        )
    check_count("critic_steps", critic_steps)
    if updates == "simultaneous" and critic_steps != 1:
        raise ValueError(
            "Simultaneous updates are one step of each player. "
            f"Received: critic_steps={critic_steps}. Use updates='alternating'."
        )


def build(kind, known, name, settings):
    """`known[name](**settings)`, or an error that lists what is known."""
    if name not in known:
        shown = ", ".join(map(repr, known))
        raise ValueError(f"Unknown {kind}. Known are {shown}. Received: name={name!r}.")
    takes = list(inspect.signature(known[name]).parameters)
    for setting in settings:
        if setting not in takes:
            shown = ", ".join(takes) or "none"
            raise ValueError(f"{kind} '{name}' takes the settings: {shown}. Received: {setting}={settings[setting]!r}.")
    return known[name](**settings)
