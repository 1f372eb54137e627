"""Checks of the arguments and inputs of ONLSTMCell and ONLSTM."""

from blogkit.checks import check_choice, check_count
from blogkit.layers.recurrent.master_gates import GATES


def check_sizes(units: int, levels: int) -> None:
    check_count("units", units)
    check_count("levels", levels)
    if units % levels:
        below = units - units % levels
        fitting = f"{below} or {below + levels}" if below else f"{levels}"
        raise ValueError(
            "`levels` must divide `units`, because all levels have the same size. "
            f"Received: units={units}, levels={levels}. Use {fitting} units."
        )


def check_gate(master_input_gate: str) -> None:
    check_choice("master_input_gate", master_input_gate, choices=GATES)


def check_time(unroll: bool, sequences_shape) -> None:
    if sequences_shape[1] == 0:
        raise ValueError(
            f"`sequences` must have at least one step. Received: sequences of shape {tuple(sequences_shape)}."
        )
    if unroll and sequences_shape[1] is None:
        raise ValueError(
            "`unroll=True` needs a known number of steps. Received: sequences of shape "
            f"{tuple(sequences_shape)}. Give `keras.Input` the number, or leave `unroll` out."
        )


def check_mask(mask, sequences_shape) -> None:
    """Raises unless `mask` may be `(batch, time)`."""
    expected = tuple(sequences_shape[:2])
    shape = tuple(mask.shape)
    fits = len(shape) == 2 and all(None in pair or pair[0] == pair[1] for pair in zip(shape, expected))
    if not fits:
        raise ValueError(
            "`mask` must have the shape (batch, time) of the sequences. "
            f"Received: mask of shape {shape}, sequences of shape {tuple(sequences_shape)}."
        )


def check_states(states, batch: int | None, units: int) -> None:
    """Raises unless `states` may be h and c, both `(batch, units)`."""
    shapes = [tuple(state.shape) for state in states]
    fits = len(shapes) == 2 and all(
        len(shape) == 2 and shape[1] == units and (None in (shape[0], batch) or shape[0] == batch)
        for shape in shapes
    )
    if not fits:
        raise ValueError(
            "`initial_state` must be [h, c], both of shape (batch, units). "
            f"Received: shapes {shapes}, batch={batch}, units={units}."
        )
