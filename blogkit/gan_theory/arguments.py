"""Argument checks shared by dynamics, losses and trainers."""

import inspect

from blogkit.checks import check_choice, check_count

UPDATES = ("simultaneous", "alternating")


def check_updates(updates: str, critic_steps: int) -> None:
    check_choice("updates", updates, UPDATES)
    check_count("critic_steps", critic_steps)
    if updates == "simultaneous" and critic_steps != 1:
        raise ValueError(
            "`critic_steps` must be 1 with simultaneous updates, one step of each player. "
            f"Received: critic_steps={critic_steps}. Use updates='alternating'."
        )


def build(kind: str, known: dict, name: str, settings: dict):
    """`known[name](**settings)`; raises for an unknown name or setting.

    Args:
        kind: What the names stand for, in error messages.
        known: Functions by name.
        name: Key of `known`.
        settings: Keyword arguments of the function.
    """
    check_choice("name", name, known)
    takes = list(inspect.signature(known[name]).parameters)
    for setting in settings:
        if setting not in takes:
            shown = ", ".join(takes) or "none"
            raise ValueError(
                f"{kind} '{name}' takes the settings: {shown}. Received: {setting}={settings[setting]!r}."
            )
    return known[name](**settings)
