"""Checks of the arguments of EnergyModel."""

from blogkit.checks import check_count, check_positive


def check_energy_model(
    *,
    network,
    langevin: dict,
    num_steps: int,
    chains: int,
    capacity: int,
    energy_penalty: float,
    data_noise: float,
    buffer_dtype: str,
) -> None:
    shape = getattr(network, "output_shape", None)
    if not isinstance(shape, tuple) or len(shape) not in (1, 2) or None in network.input_shape[1:]:
        raise ValueError(
            "`network` must be a Keras model with a fixed input shape that returns (batch,) or "
            f"(batch, classes). Received: {network!r}, output shape {shape}. Start it with "
            "`keras.Input(shape)`, end it with `keras.layers.Reshape(())` or `Dense(classes)`."
        )
    if len(shape) == 2 and shape[1] == 1:
        raise ValueError(
            "`network` must return (batch,), or one energy for each of several classes. "
            f"Received: output shape {shape}. End it with `keras.layers.Reshape(())`."
        )
    if "step_size" not in langevin or "energy" in langevin:
        raise ValueError(
            "`langevin` must hold arguments of LangevinSampler: at least `step_size`, not `energy`. "
            f"Received: {sorted(langevin)}."
        )
    if langevin.get("bounds") is None and buffer_dtype == "uint8":
        raise ValueError(
            "`buffer_dtype='uint8'` needs `bounds` in `langevin`. "
            f"Received: langevin with {sorted(langevin)}."
        )
    check_count("num_steps", num_steps)
    check_count("chains", chains)
    check_count("capacity", capacity)
    if chains > capacity:
        raise ValueError(
            f"`capacity` must be at least `chains`. Received: chains={chains}, capacity={capacity}."
        )
    check_positive("energy_penalty", energy_penalty, or_zero=True)
    check_positive("data_noise", data_noise, or_zero=True)
