"""The master gates of ON-LSTM: a rising and a falling soft step over the levels."""

import numpy as np
from keras import ops

from blogkit.ops import cumax

GATES = ("reverse", "complement")


def master_gates(logits, master_input_gate: str):
    """The master forget gate and the master input gate, one value per level.

        forget[k] = sum over i <= k of p[i],    p = softmax(first half of the logits)
        input[k]  = sum over i >= k of q[i],    q = softmax(second half): "reverse"
        input[k]  = sum over i >  k of q[i]     = 1 - cumax: "complement"

    "reverse" is the article's (https://kexue.fm/archives/6621), "complement" the paper's
    (arXiv:1810.09536, equations 3 and 4). The two models differ: with "complement" the last
    level is never written to, so that with one level the output is 0.

    Args:
        logits: Tensor `(..., 2 * levels)`.
        master_input_gate: `"reverse"` or `"complement"`.

    Returns:
        Two tensors `(..., levels)`.
    """
    forget, input_gate = ops.split(logits, 2, axis=-1)
    if master_input_gate == "reverse":
        return cumax(forget), ops.flip(cumax(ops.flip(input_gate, axis=-1)), axis=-1)
    return cumax(forget), 1 - cumax(input_gate)


def gate_matrices(levels: int, units: int, master_input_gate: str, dtype) -> tuple[np.ndarray, np.ndarray]:
    """The sums over levels of `master_gates`, for each unit, as two matrices.

    With p and q as there, `p @ first` is the master forget gate of every unit and
    `q @ second` the master input gate: an entry is 1 if the unit adds up that level. One small
    matrix product costs less than a cumulative sum and a repetition. (A GPU that multiplies
    float32 in TF32 rounds p and q to 2^-11 there, as it does the operands of all products.)

    Returns:
        Two NumPy arrays `(levels, units)` of ones and zeros.
    """
    level, of_unit = np.arange(levels)[:, None], np.repeat(np.arange(levels), units // levels)
    inputs = level >= of_unit if master_input_gate == "reverse" else level > of_unit
    return (level <= of_unit).astype(dtype), inputs.astype(dtype)
