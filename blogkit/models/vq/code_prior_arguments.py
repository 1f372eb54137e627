"""What CodePrior is given, checked."""

import math
import numbers

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_rate
from blogkit.ops import has_values

LEAST = {"num_codes": 2, "height": 1, "width": 1, "dim": 1, "num_layers": 1, "num_heads": 1}


def check_code_prior(settings):
    for name, low in LEAST.items():
        check_count(name, settings[name], low)
    if settings["dim"] % settings["num_heads"]:
        raise ValueError(
            "`num_heads` must divide `dim`. "
            f"Received: dim={settings['dim']}, num_heads={settings['num_heads']}."
        )
    check_rate("dropout", settings["dropout"])
    if settings["seed"] is not None:
        check_count("seed", settings["seed"], 0)


def check_temperature(temperature):
    if not isinstance(temperature, numbers.Real) or not 0 < temperature < math.inf:
        raise ValueError(
            f"`temperature` must be a positive number. Received: temperature={temperature!r}. "
            "Near 0, such as 1e-6, each position takes its most probable code."
        )


def check_codes(codes, num_codes, height, width):
    """Raises unless `codes` are integer maps of this size and, in eager code, in range."""
    if len(codes.shape) != 3 or tuple(codes.shape[1:]) != (height, width):
        raise ValueError(
            f"`codes` must be maps of shape (batch, {height}, {width}). Received: shape {tuple(codes.shape)}."
        )
    if "int" not in keras.backend.standardize_dtype(codes.dtype):
        raise ValueError(f"`codes` must be integers. Received: dtype {codes.dtype}. Cast them.")
    if has_values(codes):
        values = np.asarray(ops.convert_to_numpy(codes))
        if values.size and not 0 <= values.min() <= values.max() < num_codes:
            raise ValueError(
                f"`codes` must be in [0, num_codes) with num_codes={num_codes}. "
                f"Received: codes from {values.min()} to {values.max()}."
            )
