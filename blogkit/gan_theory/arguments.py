"""Checks that dynamics, losses and the trainer share: settings and names."""

import inspect

from blogkit.checks import check_count

UPDATES = ("simultaneous", "alternating")


def check_updates(updates, critic_steps):
    if updates not in UPDATES:
        raise ValueError(f"`updates` must be 'simultaneous' or 'alternating'. Received: updates={updates!r}.")
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
            raise ValueError(
                f"{kind} '{name}' takes the settings: {shown}. Received: {setting}={settings[setting]!r}."
            )
    return known[name](**settings)
