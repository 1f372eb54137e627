"""Threads of a kernel, so that notebooks that run side by side share the cores."""

import os

# What each library reads when it is loaded. JAX: its XLA has no flag for this any more, and takes the
# number of cores from NPROC (PJRT_NPROC in later versions).
VARIABLES = (
    "OMP_NUM_THREADS",  # torch, and NumPy's and SciPy's OpenBLAS
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "NPROC",
    "PJRT_NPROC",
)


def cores() -> int:
    """Cores that this process may use, which containers and clusters limit."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_limits(notebooks: int) -> dict[str, str]:
    """Environment variables for each of `notebooks` kernels at a time; empty for one, which has all cores.

    A variable that the user has set is left out.
    """
    if notebooks < 2:
        return {}
    share = str(max(1, cores() // notebooks))
    return {name: share for name in VARIABLES if name not in os.environ}
