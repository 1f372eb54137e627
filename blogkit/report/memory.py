"""Peak memory of a function call."""

import ctypes
import gc
import re
import sys
from collections.abc import Callable
from pathlib import Path

PROCESS = Path("/proc/self")


def peak_growth(run: Callable[[], object]) -> int | None:
    """Peak memory of `run()` in bytes, above the memory in use before the call.

    On an accelerator it is the tensors that the backend's allocator counts; on a
    Linux CPU the resident memory of the process, in pages. None elsewhere, and
    on an accelerator with JAX if an earlier peak was higher, because JAX cannot
    reset it: measure the smaller run first.

    Call `run` once before, because compiling needs memory too. On a CPU the
    result is a lower bound: memory that the allocator kept from the first call
    and uses again is not counted.
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
    """Peak bytes in use so far on the first accelerator; None if there is none or it keeps no count."""
    counter = _device_counter()
    return counter[2]() if counter else None


def _device_counter():
    """Functions (reset peak, bytes in use, peak bytes) of the first accelerator, or None.

    The first function is None for JAX, which has no reset.
    """
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
    """The same three functions for the resident memory of this process, on Linux."""
    if not (PROCESS / "clear_refs").exists():
        return None

    def reset():
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)  # return freed blocks to the system, else using them again is not counted
        (PROCESS / "clear_refs").write_text("5")  # see `man proc`: resets VmHWM

    return reset, lambda: _status("VmRSS"), lambda: _status("VmHWM")


def _status(field):
    text = (PROCESS / "status").read_text()
    return 1024 * int(re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)[1])
