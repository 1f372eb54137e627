"""One step of an ON-LSTM as a pure function, in the article's equations."""

from collections.abc import Callable

import keras
from keras import ops

from blogkit.layers.recurrent.master_gates import master_gates


def on_lstm_step(
    z,
    c,
    levels: int,
    master_input_gate: str = "reverse",
    activation: Callable = keras.activations.tanh,
    recurrent_activation: Callable = keras.activations.sigmoid,
):
    """The new state of an ON-LSTM from its preactivations and its old cell state.

    With F, I the master gates (see below), w = F * I where history and input overlap, and
    f, i, o, g the gates and the candidate of an LSTM,

        c_new = w * (f * c + i * g) + (F - w) * c + (I - w) * g
        h_new = o * tanh(c_new)

    which is https://kexue.fm/archives/6621 and equations 6 to 11 of arXiv:1810.09536 in one.
    F and I have one value per level, for all its units: unit `u` belongs to level
    `u // (units // levels)`. F rises from 0 to 1 along the levels, I falls.

    Args:
        z: Preactivations `x W + h U + b`, `(batch, 2 * levels + 4 * units)`, in the order
            master forget, master input, forget, input, output, candidate.
        c: Cell state `(batch, units)`.
        levels: Number of levels, which divides `units`.
        master_input_gate: `"reverse"` for I = reverse cumax as in the article, `"complement"`
            for I = 1 - cumax as in the paper.
        activation, recurrent_activation: Functions in the place of tanh and sigmoid.

    Returns:
        `h_new` and `c_new`, `(batch, units)`.

    Example: with one level and "reverse" both master gates are 1, and this is an LSTM.

    >>> import numpy as np
    >>> from blogkit.layers import on_lstm_step
    >>> z = np.array([[5.0, -3.0, 0.0, 0.0, 0.0, 1.0]], "float32")
    >>> h, c = on_lstm_step(keras.ops.convert_to_tensor(z), keras.ops.ones((1, 1)), levels=1)
    >>> round(float(c[0, 0]), 4), round(float(0.5 * 1 + 0.5 * np.tanh(1)), 4)
    (0.8808, 0.8808)
    """
    units = c.shape[-1]
    by_level = (-1, levels, units // levels)
    c = ops.reshape(c, by_level)
    masters = master_gates(z[:, : 2 * levels], master_input_gate)
    master_forget, master_input = (gate[..., None] for gate in masters)
    parts = ops.split(z[:, 2 * levels :], 4, axis=-1)
    forget, input_gate, output, candidate = (ops.reshape(part, by_level) for part in parts)
    forget, input_gate, output = map(recurrent_activation, (forget, input_gate, output))
    candidate = activation(candidate)
    overlap = master_forget * master_input
    c_new = (
        overlap * (forget * c + input_gate * candidate)
        + (master_forget - overlap) * c
        + (master_input - overlap) * candidate
    )
    h_new = output * activation(c_new)
    return ops.reshape(h_new, (-1, units)), ops.reshape(c_new, (-1, units))
