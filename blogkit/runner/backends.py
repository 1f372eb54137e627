"""Keras backends: the known ones, and the one that a command runs with."""

import importlib.util
import os

from blogkit.runner.project import UsageError, unknown

BACKENDS = ("tensorflow", "jax", "torch")


def choose_backend(name: str | None) -> str:
    """The backend `name`, else `$KERAS_BACKEND`, else TensorFlow.

    Raises:
        UsageError: If the backend is unknown or not installed.
    """
    name = name or os.environ.get("KERAS_BACKEND") or "tensorflow"
    if name not in BACKENDS:
        raise unknown("backend", name, BACKENDS)
    present = [b for b in BACKENDS if importlib.util.find_spec(b)]
    if name not in present:
        raise UsageError(
            f"backend {name!r} is not installed. Installed: {', '.join(present) or 'none'}; "
            f"choose one with --backend or KERAS_BACKEND."
        )
    return name
