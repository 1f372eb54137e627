"""Memory of gradient accumulation: what it keeps, what it saves, whether it grows."""

import gc
import os
from pathlib import Path

import keras
import numpy as np
from accumulation_sides import make_optimizer, make_side, mlp, random_batches, width_for

from blogkit.report import peak_growth

POLICIES = ("float32", "mixed_float16", "mixed_bfloat16", "bfloat16")
ONE_BATCH = "one large batch"


def measure_state(params: float, micro_steps: int) -> list[dict]:
    """Bytes that AccumOptimizer and the built-in add to Adam's, one row per dtype policy."""
    rows = []
    for policy in POLICIES:
        weights = mlp(params, policy).trainable_variables
        own = _added_variables("AccumOptimizer", weights, micro_steps)
        copies = [v for v in own if len(v.shape)]
        rows.append(
            {
                "policy": policy,
                "weights": byte_count(weights),
                "copies": byte_count(copies),
                "copies_dtype": sorted({v.dtype for v in copies}),
                "rest": byte_count(own) - byte_count(copies),
                "built_in": byte_count(_added_variables("Keras' built-in", weights, micro_steps)),
            }
        )
    return rows


def _added_variables(name, weights, micro_steps):
    """The variables of the optimizer `name` that plain Adam does not have."""
    optimizer = make_optimizer(name, micro_steps)
    optimizer.build(weights)
    if hasattr(optimizer, "inner_optimizer"):
        inner = {id(v) for v in optimizer.inner_optimizer.variables}
        return [v for v in optimizer.variables if id(v) not in inner]
    plain = make_optimizer("plain Adam", micro_steps)
    plain.build(weights)
    names = {v.name for v in plain.variables}
    return [v for v in optimizer.variables if v.name not in names]


def byte_count(variables) -> int:
    """Bytes of the backend's tensors behind `variables`."""
    total = 0
    for variable in variables:
        dtype = variable.value.dtype
        # TensorFlow's dtypes say `size` where NumPy's and torch's say `itemsize`.
        total += int(np.prod(variable.shape)) * (getattr(dtype, "itemsize", None) or dtype.size)
    return total


def measure_peak(side: str, params: float, micro_steps: int, batch: int) -> dict:
    """Bytes that are kept between windows, and those that one over `batch` examples adds.

    To be called in a fresh process for each side: an allocator keeps what another freed.
    """
    split = 1 if side == ONE_BATCH else micro_steps
    batches = random_batches(split, batch // split, width_for(params))
    name = "plain Adam" if side == ONE_BATCH else side
    # A small one of the same kind, so that libraries, threads and pools are there already.
    make_side(name, params, [tuple(part[:1] for part in pair) for pair in batches], split).window()
    model, window, _ = make_side(name, params, batches, split)
    kept = byte_count(model.variables + model.optimizer.variables)
    first, *later = [peak_growth(window) for _ in range(4)]
    # The later windows compile nothing and vary a little. But on a CPU, TensorFlow serves them
    # from what it kept of the first; and on a GPU, JAX only tells a peak above all before it.
    seen = [] if keras.backend.backend() == "tensorflow" else [g for g in later if g is not None]
    return {"side": side, "kept": kept, "growth": int(np.median(seen)) if seen else first}


def measure_growth(params: float, micro_steps: int, batch: int, checkpoints=(100, 1100)) -> list[dict]:
    """What is alive after so many micro-steps with AccumOptimizer, one row per number."""
    batches = random_batches(micro_steps, batch, width_for(params))
    window = make_side("AccumOptimizer", params, batches, micro_steps).window
    rows, done = [], 0
    for micro_step in checkpoints:
        while done < micro_step:
            window()
            done += micro_steps
        gc.collect()
        rows.append({"micro_steps": done, "resident": resident_bytes(), **_live_arrays()})
    return rows


def resident_bytes() -> int | None:
    """Resident memory of this process, None where the kernel does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return None
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _live_arrays():
    """Number and bytes of the backend's arrays; only JAX keeps a list of them."""
    if keras.backend.backend() != "jax":
        return {"arrays": None, "array_bytes": None}
    import jax

    arrays = jax.live_arrays()
    return {"arrays": len(arrays), "array_bytes": sum(array.nbytes for array in arrays)}
