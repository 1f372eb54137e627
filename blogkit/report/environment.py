"""Software, hardware and peak memory of the current process, for result files."""

import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

from blogkit.report.memory import peak_device_memory

PACKAGES = ("keras", "numpy", "tensorflow", "jax", "torch", "matplotlib", "papermill")


def environment() -> dict:
    """Versions, backend, device, commit and peak memory of this process, as JSON types.

    Only modules that are already loaded are asked, so no backend is started.
    An unknown value is None.
    """
    device_memory = peak_device_memory()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": _versions(),
        "backend": _backend(),
        "device": _device(),
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


def _backend():
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else None


def _device():
    """Name of the first accelerator of the backend, else of the processor."""
    backend = _backend()
    module = sys.modules.get(backend) if backend else None
    name = None
    if backend == "tensorflow" and module:
        gpus = module.config.list_physical_devices("GPU")
        name = module.config.experimental.get_device_details(gpus[0]).get("device_name") if gpus else None
    elif backend == "jax" and module:
        first = module.devices()[0]
        name = first.device_kind if first.platform != "cpu" else None
    elif backend == "torch" and module and module.cuda.is_available():
        name = module.cuda.get_device_name(0)
    return name or _processor()


def _processor():
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


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
