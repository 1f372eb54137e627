"""Cells in half precision, and for gradients that overflow within a window.

Half precision rounds the gradient of 32 rows otherwise than those of 4 times 8 rows, which
would hide every error below 1e-3. So these cells train one linear layer with the mean
absolute error on small integers: a row's gradient is its x times +1 or -1, over a power
of two, and all sums are exact in float16 and in bfloat16. The update itself is float32.
"""

import keras
from keras import optimizers as ko

from blogkit.conformance import problems
from blogkit.conformance.cell import Cell
from blogkit.conformance.recipes import adam, fit


def _loss_scaled(optimizer):
    return ko.LossScaleOptimizer(optimizer)


def _loss_scaled_adam(**options):
    return _loss_scaled(adam(**options))


def _fit(make, problem=problems.INTEGERS, **options):
    # Without `auto_scale_loss=False`, `compile` would put a second one outside.
    return fit(
        make,
        problem,
        loss=keras.losses.MeanAbsoluteError,
        compile={"auto_scale_loss": False},
        **options,
    )


def _nadam(**options):
    return ko.Nadam(0.02, **options)


def _loss_scaled_nadam(**options):
    return _loss_scaled(_nadam(**options))


def _fit_nadam(ours):
    """`ours`, or Keras' own LossScaleOptimizer(Nadam), against Nadam without a loss scale."""

    def train(run):
        if run.side == "large" and not run.reordered:
            return _fit(_nadam)(run)
        return (ours if run.side == "ours" else _fit(_nadam, outside=_loss_scaled))(run)

    return train


NADAM_DEFECT = "on JAX, LossScaleOptimizer(Nadam) never updates Nadam's product of momenta"
CELLS = [
    Cell(
        "mixed_float16, scale inside",
        "AccumOptimizer(LossScaleOptimizer(Adam)): one check for overflow per update.",
        _fit(_loss_scaled_adam),
        dtype="mixed_float16",
        built_in=False,
    ),
    Cell(
        "mixed_float16, scale outside",
        "LossScaleOptimizer(AccumOptimizer(Adam)), as compile() does it by itself.",
        fit(adam, problems.INTEGERS, loss=keras.losses.MeanAbsoluteError),
        dtype="mixed_float16",
    ),
    Cell(
        "mixed_bfloat16",
        "bfloat16 without a loss scale.",
        _fit(adam),
        dtype="mixed_bfloat16",
    ),
    Cell(
        "mixed_bfloat16, scale inside",
        "AccumOptimizer(LossScaleOptimizer(Adam)) in bfloat16.",
        _fit(_loss_scaled_adam),
        dtype="mixed_bfloat16",
        built_in=False,
    ),
    Cell(
        "mixed_bfloat16, scale outside",
        "LossScaleOptimizer(AccumOptimizer(Adam)) in bfloat16.",
        _fit(adam, outside=_loss_scaled),
        dtype="mixed_bfloat16",
    ),
    Cell(
        "overflow, scale inside",
        "One row of 1e30 overflows float16: its window is skipped whole, as its large batch is.",
        _fit(_loss_scaled_adam, problems.OVERFLOW),
        dtype="mixed_float16",
        built_in=False,
    ),
    Cell(
        "overflow, scale outside",
        "The same, where the optimizer outside keeps the bad micro-batch from the one inside.",
        _fit(adam, problems.OVERFLOW, outside=_loss_scaled),
        dtype="mixed_float16",
    ),
    Cell(
        "overflow, partial, scale outside",
        "The same with 80 rows, so that each epoch ends with a window of 2 micro-batches.",
        _fit(adam, problems.OVERFLOW, outside=_loss_scaled, rows=80),
        dtype="mixed_float16",
        extra_line=True,
    ),
    Cell(
        "Nadam, scale inside",
        "Reference: Nadam without a loss scale. Floor: plain LossScaleOptimizer(Nadam).",
        _fit_nadam(_fit(_loss_scaled_nadam)),
        dtype="mixed_float16",
        built_in=False,
        defect=NADAM_DEFECT,
    ),
    Cell(
        "Nadam, scale outside",
        "The same with LossScaleOptimizer(AccumOptimizer(Nadam)).",
        _fit_nadam(_fit(_nadam, outside=_loss_scaled)),
        dtype="mixed_float16",
        defect=NADAM_DEFECT,
    ),
]
