"""What the backend's allocator says about memory."""

import sys
from collections.abc import Callable


def peak_growth(run: Callable[[], object]) -> int | None:
    """Bytes that `run()` needed at its peak beyond what was allocated before it.

    Counts tensors on the first accelerator, or on the CPU under TensorFlow.
    None where the backend keeps no count (JAX and torch on a CPU) or cannot
    tell: JAX never resets its peak, so a run that stays below an earlier one
    is not seen there. Measure the smaller run first.
    """
    allocator = _allocator()
    if allocator is None:
        run()
        return None
    reset, current, peak = allocator
    reset()
    before, peak_before = current(), peak()
    run()
    if peak() <= peak_before and peak_before > before:
        return None
    return peak() - before


def peak_device_memory() -> int | None:
    """Peak bytes on the first accelerator so far, None without one or without a count."""
    keras = sys.modules.get("keras")
    if keras is None or _device_name(keras.backend.backend()) is None:
        return None
    allocator = _allocator()
    return allocator[2]() if allocator else None


def _device_name(backend):
    """The first accelerator as the backend calls it, None if it only has a CPU."""
    module = sys.modules[backend]
    if backend == "tensorflow":
        return "GPU:0" if module.config.list_physical_devices("GPU") else None
    if backend == "jax":
        return None if module.devices()[0].platform == "cpu" else str(module.devices()[0])
    return "cuda:0" if module.cuda.is_available() else None


def _allocator():
    """(reset the peak, bytes now, peak bytes) of the active backend, or None."""
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if keras else None
    if backend == "tensorflow":
        memory = sys.modules[backend].config.experimental
        device = _device_name(backend) or "CPU:0"
        info = memory.get_memory_info
        return (
            lambda: memory.reset_memory_stats(device),
            lambda: info(device)["current"],
            lambda: info(device)["peak"],
        )
    if backend == "jax" and sys.modules[backend].devices()[0].memory_stats():
        stats = sys.modules[backend].devices()[0].memory_stats
        return (lambda: None, lambda: stats()["bytes_in_use"], lambda: stats()["peak_bytes_in_use"])
    if backend == "torch" and _device_name(backend):
        cuda = sys.modules[backend].cuda
        return (cuda.reset_peak_memory_stats, cuda.memory_allocated, cuda.max_memory_allocated)
    return None
