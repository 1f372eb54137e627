"""Checks of what EnergyModel is given, before any work is done."""

from blogkit.checks import check_count, check_positive


def check_energy_model(
    network, langevin, num_steps, chains, capacity, energy_penalty, data_noise, buffer_dtype
):
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
            "`langevin` holds arguments of LangevinSampler: at least `step_size`, not `energy`. "
            f"Received: {sorted(langevin)}."
        )
    if langevin.get("bounds") is None and buffer_dtype == "uint8":
        raise ValueError("A buffer of bytes needs `bounds` in `langevin`. Received: no bounds.")
    for name, value in {"num_steps": num_steps, "chains": chains}.items():
        check_count(name, value)
    if chains > capacity:
        raise ValueError(
            f"The buffer must hold the chains of an update. Received: chains={chains}, capacity={capacity}."
        )
    for name, value in {"energy_penalty": energy_penalty, "data_noise": data_noise}.items():
        check_positive(name, value, or_zero=True)
