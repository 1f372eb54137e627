"""Software, hardware and peak memory of the current process, for result files."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

from blogkit.report.memory import peak_device_memory

PACKAGES = ("keras", "numpy", "tensorflow", "jax", "torch", "matplotlib", "papermill")


def environment() -> dict:
    """Versions, backend, device, commit and peak memory of this process, as JSON types.

    Only modules that are already loaded are asked, so no backend is started. Without
    an accelerator, the device is the processor. An unknown value is None.
    """
    device_memory = peak_device_memory()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": _versions(),
        "backend": backend(),
        "device": _device(),
        "processor": processor(),
        "cores": _cores(),
        "commit": _commit(),
        "peak_memory_mb": _peak_memory_mb(),
        "peak_device_memory_mb": device_memory and round(device_memory / 2**20, 1),
    }


def _versions():
    found = {}
    for name in ("blogkit", *PACKAGES):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def backend() -> str | None:
    """The backend of Keras; None where Keras is not loaded."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else None


def _device():
    """Name of the first accelerator of the backend, else of the processor."""
    name_of_backend = backend()
    module = sys.modules.get(name_of_backend) if name_of_backend else None
    name = None
    if name_of_backend == "tensorflow" and module:
        gpus = module.config.list_physical_devices("GPU")
        name = module.config.experimental.get_device_details(gpus[0]).get("device_name") if gpus else None
    elif name_of_backend == "jax" and module:
        first = module.devices()[0]
        name = first.device_kind if first.platform != "cpu" else None
    elif name_of_backend == "torch" and module and module.cuda.is_available():
        name = module.cuda.get_device_name(0)
    return name or processor()


def processor() -> str:
    """Model of the processor, as far as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _cores():
    """Cores that this process may use, which containers and clusters limit."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _commit():
    """Commit of the clone that holds blogkit, with "-dirty" if files changed; None outside a clone."""
    clone = Path(__file__).parents[2]
    if not (clone / ".git").exists():  # a package installed inside somebody else's repository
        return None
    try:
        answer = subprocess.run(
            ["git", "--no-optional-locks", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=clone,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None


def _peak_memory_mb():
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
