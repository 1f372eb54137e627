"""Cells for the execution modes of `compile`, with equal and unequal micro-batches."""

from blogkit.conformance.cell import Cell
from blogkit.conformance.cells.settings import scheduled_adam
from blogkit.conformance.recipes import EPOCHS, ROWS, fit

COMPILED = ("tensorflow", "jax")  # Keras has neither XLA nor steps_per_execution on torch


def _stressed(**options):
    """Most of what a mode can get wrong, at once."""
    return scheduled_adam(use_ema=True, ema_momentum=0.8, clipnorm=0.1, **options)


def _mode(name, meaning, backends=COMPILED, short=False, **compile):
    # Without compilation a step takes long: then two epochs of 2 updates, for all sides.
    rows, ragged_rows, epochs = (64, 52, 2) if short else (ROWS, 84, EPOCHS)
    options = {"compile": compile, "epochs": epochs}
    yield Cell(
        name,
        f"{meaning} Adam with schedule, EMA and clipping.",
        fit(_stressed, rows=rows, **options),
        backends=backends,
    )
    yield Cell(
        f"{name}, unequal",
        f"{meaning} The last window of an epoch is partial and ragged.",
        fit(rows=ragged_rows, **options),
        backends=backends,
        extra_line=True,
    )


CELLS = [
    *_mode("jit_compile=True", "XLA compiles the train step.", jit_compile=True),
    *_mode("jit_compile=False", "The train step runs without XLA.", short=True, jit_compile=False),
    *_mode(
        "run_eagerly",
        "The train step is not compiled.",
        ("tensorflow", "jax", "torch"),
        short=True,
        run_eagerly=True,
        jit_compile=False,
    ),
    *_mode(
        "steps_per_execution=3",
        "Three micro-batches in one call, which no window fits.",
        steps_per_execution=3,
    ),
]
