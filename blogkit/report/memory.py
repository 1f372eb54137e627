"""How much memory a piece of work needs at its peak."""

import ctypes
import gc
import re
import sys
from collections.abc import Callable
from pathlib import Path

PROCESS = Path("/proc/self")


def peak_growth(run: Callable[[], object]) -> int | None:
    """Bytes that `run()` needs at its peak beyond what was there before it.

    On an accelerator the backend's allocator counts tensors; on a Linux CPU
    the kernel counts the resident memory of the process, in pages. None
    elsewhere, and where it cannot be told: JAX never resets its accelerator's
    peak, so a run that stays below an earlier one is not seen. Measure the
    smaller run first.

    Call `run` once before, since compiling needs memory too. What a backend's
    allocator then keeps for reuse does not count, so that the answer is a
    lower bound on a CPU.
    """
    counter = _device_counter() or _process_counter()
    if counter is None:
        run()
        return None
    reset, current, peak = counter
    gc.collect()
    if reset:
        reset()
    before, peak_before = current(), peak()
    run()
    if not reset and before < peak_before == peak():
        return None
    return max(0, peak() - before)


def peak_device_memory() -> int | None:
    """Peak bytes on the first accelerator so far, None without one or without a count."""
    counter = _device_counter()
    return counter[2]() if counter else None


def _device_counter():
    """(reset the peak, bytes now, peak bytes) of the first accelerator, or None; JAX has no reset."""
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if keras else None
    module = sys.modules.get(backend)
    if backend == "tensorflow" and module.config.list_physical_devices("GPU"):
        memory = module.config.experimental
        return (
            lambda: memory.reset_memory_stats("GPU:0"),
            lambda: memory.get_memory_info("GPU:0")["current"],
            lambda: memory.get_memory_info("GPU:0")["peak"],
        )
    if backend == "jax" and module.devices()[0].memory_stats():
        stats = module.devices()[0].memory_stats
        return (None, lambda: stats()["bytes_in_use"], lambda: stats()["peak_bytes_in_use"])
    if backend == "torch" and module.cuda.is_available():
        cuda = module.cuda
        return (cuda.reset_peak_memory_stats, cuda.memory_allocated, cuda.max_memory_allocated)
    return None


def _process_counter():
    """The same three for the resident memory of this process, on Linux."""
    if not (PROCESS / "clear_refs").exists():
        return None

    def reset():
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)  # freed blocks that the C library keeps would hide a later need
        (PROCESS / "clear_refs").write_text("5")  # see `man proc`: resets VmHWM

    return reset, lambda: _status("VmRSS"), lambda: _status("VmHWM")


def _status(field):
    text = (PROCESS / "status").read_text()
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)[1])
