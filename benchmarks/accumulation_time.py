"""Step time of gradient accumulation: windows of all sides, in turns, in one process."""

import importlib.metadata

import keras
from accumulation_sides import (
    KERAS_SIDES,
    OPTAX_SIDES,
    TraceCounter,
    make_side,
    mlp,
    random_batches,
    width_for,
)
from interleave import interleave, ratios, spread

from blogkit.report import environment

REFERENCE = KERAS_SIDES[0]


def measure_time(params: float, micro_steps: int, batch: int, rounds: int, warm_up: int) -> dict:
    """The environment, and per side seconds of a window and ratios to the plain optimizers.

    A window is `micro_steps` batches: as many updates with plain Adam, one otherwise.
    `traces` are those of the window that came first and of all later ones.
    """
    counter = TraceCounter()
    batches = random_batches(micro_steps, batch, width_for(params))
    names = KERAS_SIDES + (OPTAX_SIDES if keras.backend.backend() == "jax" else ())
    traces = {}
    windows = {}
    for name in names:
        window = make_side(name, params, batches, micro_steps, counter).window
        before = counter.count
        window()
        traces[name] = [counter.count - before, 0]
        windows[name] = _counted(window, counter, traces[name])
    interleave(windows, warm_up)
    seconds = interleave(windows, rounds)
    to_adam = ratios(seconds, REFERENCE)
    # Of its own kind, since this pair leaves out what Keras' trainer costs.
    to_optax = ratios(seconds, OPTAX_SIDES[0]) if OPTAX_SIDES[0] in names else {}
    rows = [
        {
            "side": name,
            "seconds": spread(seconds[name])._asdict(),
            "to_plain_adam": to_adam[name]._asdict(),
            "to_optax_adam": to_optax[name]._asdict() if name in OPTAX_SIDES else None,
            # torch runs Python in every step: nothing is traced.
            "traces": traces[name] if keras.backend.backend() != "torch" else None,
        }
        for name in names
    ]
    about = environment()
    if to_optax:
        about["versions"]["optax"] = importlib.metadata.version("optax")
    return {"environment": about, "weights": mlp(params).count_params(), "time": rows}


def _counted(window, counter, traces):
    def run():
        before = counter.count
        window()
        traces[1] += counter.count - before

    return run
