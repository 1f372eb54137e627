"""Checks of the arguments of LangevinSampler."""

from collections.abc import Callable, Sequence

import numpy as np

from blogkit.checks import check_choice, check_count, check_positive

METHODS = ("ula", "mala")
BOUNDARIES = ("clip", "reflect")
TRACES = ("energy", "accept", "grad_norm")
NEVER = 2**31 - 1  # the step of the first failure of a chain that has not failed


def checked_step_size(step_size: float | Callable) -> float | Callable:
    """`step_size`, a positive number or a schedule; values of a schedule are checked when used."""
    if not callable(step_size):
        check_positive("step_size", step_size)
    return step_size


def check_noise(temperature: float | None, noise_scale: float | None) -> None:
    if noise_scale is None:
        check_positive("temperature", temperature, or_zero=True)
        return
    check_positive("noise_scale", noise_scale, or_zero=True)
    if temperature is not None:
        raise ValueError(
            "`temperature` must be None where `noise_scale` is given, because noise_scale is "
            "sqrt(2 * step_size * temperature): not both. "
            f"Received: temperature={temperature!r}, noise_scale={noise_scale!r}."
        )


def checked_box(bounds: tuple | None, boundary: str) -> tuple[np.ndarray, np.ndarray] | None:
    """`bounds` as two arrays of one shape, or None."""
    if bounds is None:
        if boundary == "reflect":
            raise ValueError("`boundary='reflect'` needs `bounds`, the walls. Received: bounds=None.")
        return None
    try:
        low, high = (np.asarray(bound, "float64") for bound in bounds)
        low, high = np.broadcast_arrays(low, high)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`bounds` must be a pair (low, high) of numbers or of arrays that fit one state. "
            f"Received: bounds={bounds!r}."
        ) from error
    if not (low < high).all():
        raise ValueError(f"`bounds` must be (low, high) with low < high. Received: bounds={bounds!r}.")
    if boundary == "reflect" and not np.isfinite([low, high]).all():
        raise ValueError(
            "`bounds` must be two finite walls for `boundary='reflect'`. "
            f"Received: bounds={bounds!r}. Use `boundary='clip'` for a half-line."
        )
    return low, high


def check_mala(
    temperature: float | None,
    noise_scale: float | None,
    noise_first: bool,
    clip_grad: float | None,
    bounds: tuple | None,
    boundary: str,
) -> None:
    """Raise a ValueError for a setting that breaks detailed balance."""
    broken = {
        "noise_scale": noise_scale is not None,
        "noise_first": noise_first,
        "clip_grad": clip_grad is not None,
        "bounds with boundary='clip'": bounds is not None and boundary == "clip",
        "temperature=0": temperature == 0,
    }
    for name, given in broken.items():
        if given:
            raise ValueError(
                f"`method='mala'` does not take {name}: it breaks detailed balance. "
                "Use `temperature` for the noise, `boundary='reflect'` for walls, or method='ula'."
            )


def check_start(x0: np.ndarray, box: tuple[np.ndarray, np.ndarray] | None) -> None:
    """Raise a ValueError unless the states `x0` (NumPy) are finite and inside `box`."""
    if x0.ndim == 0 or x0.shape[0] == 0:
        raise ValueError(f"`x0` must have chains along axis 0, (chains, ...). Received: shape {x0.shape}.")
    if x0.size == 0:
        raise ValueError(
            f"`x0` must have at least one number in each state, (chains, ...). Received: shape {x0.shape}."
        )
    if str(x0.dtype) not in ("float32", "float64"):
        raise ValueError(
            "`x0` must be floating point, float32 or float64. "
            f"Received: dtype {x0.dtype}. Cast it: `x0.astype('float32')`."
        )
    chains = tuple(range(1, x0.ndim))
    bad = ~np.isfinite(x0).all(axis=chains)
    if bad.any():
        raise ValueError(f"`x0` must be finite. Received: NaN or inf in chain {int(bad.argmax())}.")
    if box is not None:
        low, high = (bound.astype(x0.dtype) for bound in box)
        if not _fits(low.shape, x0.shape[1:]):
            raise ValueError(
                "`bounds` must be numbers or arrays that fit one state. Received: bounds of shape "
                f"{low.shape}, states of shape {x0.shape[1:]}."
            )
        outside = (x0 < low) | (x0 > high)
        bad = outside.any(axis=chains)
        if bad.any():
            chain = int(bad.argmax())
            raise ValueError(
                "`x0` must lie within `bounds`. "
                f"Received: {float(x0[chain][outside[chain]].flat[0])!r} in chain {chain}, bounds "
                f"from {low.min()} to {high.max()}. Clip it or draw it again."
            )


def _fits(shape, state):
    """Whether an array of `shape` broadcasts to `state` without making it larger."""
    try:
        return np.broadcast_shapes(shape, state) == state
    except ValueError:
        return False


def checked_trace(trace: str | Sequence[str]) -> tuple[str, ...]:
    """`trace` as a tuple of names."""
    if isinstance(trace, str):
        trace = (trace,)
    trace = tuple(trace)
    for name in trace:
        check_choice("trace", name, TRACES)
    if len(set(trace)) < len(trace):
        raise ValueError(f"`trace` must name each quantity once. Received: trace={trace!r}.")
    return trace


def check_thin(thin: int | None, num_steps: int) -> None:
    if thin is None:
        return
    check_count("thin", thin)
    if num_steps % thin:
        raise ValueError(
            "`thin` must divide `num_steps`. "
            f"Received: thin={thin}, num_steps={num_steps}. Take {num_steps - num_steps % thin} steps."
        )


def checked_callback_every(callback_every: int | None, thin: int | None, num_steps: int) -> int:
    """Steps between two calls of the callback; None is about a tenth of `num_steps`."""
    every = thin or 1
    if callback_every is None:
        callback_every = max(num_steps // (10 * every), 1) * every
    check_count("callback_every", callback_every)
    if callback_every % every:
        raise ValueError(
            f"`thin` must divide `callback_every`. Received: thin={thin}, callback_every={callback_every}."
        )
    return int(callback_every)


def check_finite(failed: np.ndarray, step_size: float | Callable, clip_grad: float | None) -> None:
    """Raise a ValueError if a chain has failed: `failed` has the step of its first failure."""
    step = int(failed.min())
    if step == NEVER:
        return
    chains = np.flatnonzero(failed == step)
    when = "at the start" if step == 0 else f"after step {step}"
    raise ValueError(
        f"The energy or its gradient is not finite {when} in chain {int(chains[0])}"
        f"{f' and {len(chains) - 1} more' if len(chains) > 1 else ''}. "
        f"Received: step_size={step_size!r}, clip_grad={clip_grad!r}. "
        "If the energy is right, take smaller steps, clip_grad or bounds."
    )
