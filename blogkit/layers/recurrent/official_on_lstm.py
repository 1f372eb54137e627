"""Conversion of weights of the paper's PyTorch code to ONLSTM."""

from collections.abc import Mapping

import numpy as np


def official_on_lstm_weights(
    state: Mapping[str, np.ndarray], levels: int, prefix: str = ""
) -> list[np.ndarray]:
    """The weights of one cell of github.com/yikangshen/Ordered-Neurons for `set_weights`.

    That code has the rows [master input, master forget, output, candidate, input, forget],
    a matrix `(out, in)` as PyTorch does, and two biases that only enter as their sum; ours
    has the columns [master forget, master input, forget, input, output, candidate] and one.
    Its master input gate is 1 - cumax: `master_input_gate="complement"`. When evaluating it
    multiplies the recurrent kernel by 1 - dropconnect; ours divides by that when training.
    To continue training such a model, multiply the returned recurrent kernel by 1 - dropconnect.

    Args:
        state: Mapping from names to NumPy arrays, such as
            `{name: tensor.numpy() for name, tensor in module.state_dict().items()}`, with
            `ih.0.weight`, `ih.0.bias`, `hh.weight` and `hh.bias`.
        levels: Its `n_chunk`, which is `hidden_size // chunk_size`.
        prefix: Prefix of those names, such as `"rnn.cells.0."`.

    Returns:
        The list `[kernel, recurrent_kernel, bias]`.

    Raises:
        ValueError: If an array is missing or the shapes do not belong to one such cell.

    Example:

    >>> from blogkit.layers import ONLSTM
    >>> rng = np.random.default_rng(0)
    >>> shapes = {"ih.0.weight": (36, 3), "ih.0.bias": (36,), "hh.weight": (36, 8), "hh.bias": (36,)}
    >>> state = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    >>> layer = ONLSTM(units=8, levels=2, master_input_gate="complement")
    >>> layer.build((None, None, 3))
    >>> layer.set_weights(official_on_lstm_weights(state, levels=2))
    """
    names = "ih.0.weight", "hh.weight", "ih.0.bias", "hh.bias"
    missing = [prefix + name for name in names if prefix + name not in state]
    if missing:
        raise ValueError(
            f"The state lacks {', '.join(missing)}. Received: {', '.join(map(str, state)) or 'nothing'}. "
            "`prefix` is the part of the names before `ih.0.weight`."
        )
    kernel, recurrent_kernel, *biases = (np.asarray(state[prefix + name]) for name in names)
    units = recurrent_kernel.shape[-1]
    rows = 2 * levels + 4 * units
    shapes = {name: np.shape(state[prefix + name]) for name in names}
    expected = dict(zip(names, ((rows, kernel.shape[-1]), (rows, units), (rows,), (rows,))))
    if shapes != expected:
        raise ValueError(
            f"The shapes do not belong to one cell with levels={levels}. "
            f"Received: {shapes}. Expected for {units} units: {expected}."
        )
    master_input, master_forget, output, candidate, input_gate, forget = np.split(
        np.arange(rows), np.cumsum([levels, levels, units, units, units])
    )
    order = np.concatenate([master_forget, master_input, forget, input_gate, output, candidate])
    return [kernel[order].T, recurrent_kernel[order].T, sum(biases)[order]]
