"""State of the global random generators, which `keras.utils.set_random_seed` seeds."""

import random

import keras
import numpy as np


def global_random_state() -> dict:
    """States of the global generators of Python, NumPy and, on its backend, torch, as JSON values.

    On torch a dropout layer without a seed draws from the global generator; TensorFlow and JAX
    keep the states of all layers in the model.

    Example:

    >>> import numpy as np
    >>> from blogkit.ops import global_random_state, set_global_random_state
    >>> state = global_random_state()
    >>> first = np.random.random()
    >>> set_global_random_state(state)
    >>> np.random.random() == first
    True
    """
    name, keys, *rest = np.random.get_state()
    state = {"python": random.getstate(), "numpy": [name, keys.tolist(), *rest]}
    if keras.backend.backend() == "torch":
        import torch

        devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
        state["torch"] = [part.numpy().tobytes().hex() for part in (torch.get_rng_state(), *devices)]
    return state


def set_global_random_state(state: dict) -> None:
    """Set the states that `global_random_state` gave, in this or another process."""
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    np.random.set_state(tuple(state["numpy"]))
    if keras.backend.backend() == "torch":
        import torch

        parts = [torch.tensor(list(bytes.fromhex(part)), dtype=torch.uint8) for part in state["torch"]]
        torch.set_rng_state(parts[0])
        if torch.cuda.is_available():
            torch.cuda.set_rng_state_all(parts[1:])
