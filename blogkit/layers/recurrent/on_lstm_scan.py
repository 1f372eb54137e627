"""All steps of an ON-LSTM in one loop over time, with a hand-written backward pass for tanh and sigmoid.

The input's part of the preactivations is computed before the loop, for all times at once.
"""

import functools
from collections.abc import Callable

import keras
from keras import ops

from blogkit.layers.recurrent.fused_on_lstm import fused_on_lstm
from blogkit.layers.recurrent.on_lstm_step import on_lstm_step
from blogkit.ops import scan


def on_lstm_scan(
    projected,
    h,
    c,
    recurrent_kernel,
    mask,
    levels: int,
    master_input_gate: str,
    activation: Callable,
    recurrent_activation: Callable,
    unroll: bool,
):
    """Runs `on_lstm_step` over time.

    Args:
        projected: `x W + b` for all times, `(time, batch, 2 * levels + 4 * units)`.
        h, c: States before the first step, `(batch, units)`.
        recurrent_kernel: `(units, 2 * levels + 4 * units)`.
        mask: None, or booleans `(time, batch, 1)`: where false the states stay.
        levels, master_input_gate, activation, recurrent_activation: As for `on_lstm_step`.
        unroll: Whether to unroll the loop.

    Returns:
        The state h after each step, `(time, batch, units)`, and the last c, `(batch, units)`.
    """
    inputs = (projected,) if mask is None else (projected, mask)
    if activation is keras.activations.tanh and recurrent_activation is keras.activations.sigmoid:
        fused = fused_on_lstm(levels, c.shape[-1], master_input_gate, mask is not None, unroll)
        return fused(recurrent_kernel, h, c, *inputs)
    step = functools.partial(
        on_lstm_step,
        levels=levels,
        master_input_gate=master_input_gate,
        activation=activation,
        recurrent_activation=recurrent_activation,
    )

    def masked_step(carry, slices):
        h, c = carry
        new = step(slices[0] + ops.matmul(h, recurrent_kernel), c)
        if mask is not None:
            new = tuple(ops.where(slices[1], after, before) for after, before in zip(new, carry))
        return tuple(new), (new[0],)

    (_, c), (states,) = scan(masked_step, (h, c), inputs, (h,), unroll=unroll)
    return states, c
