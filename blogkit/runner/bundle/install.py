"""Install this bundle into .venv beside this file, without internet: `python install.py`.

blogkit copies this file into every bundle. It needs nothing but Python's standard library; it
starts on Python 3.7 and later, to say which Python the bundle is for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import site
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

# What the backend prints about itself and its devices.
SHOW = {
    "jax": "import jax; print('jax', jax.__version__, 'on', *jax.devices())",
    "tensorflow": (
        "import tensorflow as tf; print('tensorflow', tf.__version__, 'on', "
        "*(d.name for d in tf.config.list_physical_devices()))"
    ),
    "torch": (
        "import torch; print('torch', torch.__version__, 'on', "
        "torch.cuda.get_device_name() if torch.cuda.is_available() else 'cpu')"
    ),
}


class Refused(Exception):
    """The bundle cannot be installed; the message is one line."""


def main(bundle: Path) -> int:
    """Install the bundle in a folder; the exit code is 0, or 2 if it is refused."""
    try:
        install(bundle)
    except Refused as error:
        print(f"install.py: {error}", file=sys.stderr)
        return 2
    return 0


def install(bundle: Path) -> None:
    """Check the machine and the files, create `.venv`, install into it, and show the backend's devices.

    Args:
        bundle: The folder that holds this file.

    Raises:
        Refused: If the machine is another one than the bundle is for, a file is damaged, or
            a step fails.
    """
    start = time.perf_counter()
    settings = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    check_machine(settings)
    place = bundle / ".venv"
    stamp, state = place / "installed.json", _state(bundle)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == state:
        print("Already installed in .venv.")
        return
    check_files(bundle)
    wheels = sorted((bundle / "wheels").iterdir())
    print(f"Installing from {len(wheels)} wheels into .venv. This takes a minute or two.", flush=True)
    python = create(place, own_backend=settings["own_backend"])
    if settings["own_backend"]:
        # Packages of this machine stay wherever their versions satisfy the requirements, because
        # its backend was installed with them.
        _pip(bundle, python, "--requirement", "requirements.txt")
        _pip(bundle, python, "--no-deps", "--ignore-installed", "--requirement", "alone.txt")
    else:
        _pip(bundle, python, "--no-deps", "--requirement", "requirements.txt")
    print(show(python, settings["backend"]))
    stamp.write_text(state, encoding="utf-8")
    print(f"Installed in {time.perf_counter() - start:.0f} s.", flush=True)


def _state(bundle):
    """What an installation depends on."""
    sums = hashlib.sha256((bundle / "SHA256SUMS").read_bytes()).hexdigest()
    return json.dumps({"bundle": sums, "python": sys.version, "prefix": sys.prefix})


def check_machine(settings: dict) -> None:
    """Raise `Refused` if this Python or this machine is not what `bundle.json` says."""
    here = (f"{sys.version_info.major}.{sys.version_info.minor}", f"{sys.platform}-{platform.machine()}")
    if here != (settings["python"], settings["platform"]):
        wanted = f"Python {settings['python']} on {settings['platform']}"
        raise Refused(
            f"this bundle is for {wanted}. Received: Python {here[0]} on {here[1]}. "
            f"Run it with python{settings['python']} on such a machine."
        )
    name, version = platform.libc_ver()
    least = settings["glibc"]
    if name != "glibc" or [int(part) for part in version.split(".")[:2]] < least:
        found = f"{name} {version}".strip() or "another C library"
        raise Refused(f"the wheels need glibc {least[0]}.{least[1]} or newer. Received: {found}.")
    backend = settings["backend"]
    if settings["own_backend"] and importlib.util.find_spec(backend) is None:
        raise Refused(
            f"{sys.executable} has no {backend}, and this bundle brings none. Run it with the Python "
            f"that has {backend}, or make a bundle with --backend-wheels."
        )


def check_files(bundle: Path) -> None:
    """Compare the wheels and the data with SHA256SUMS; notebooks and profiles may be edited.

    Raises:
        Refused: If a file is missing or damaged.
    """
    for line in (bundle / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        if name.startswith(("wheels/", "data/")):
            try:
                found = _sha256(bundle / name)
            except OSError as error:
                raise Refused(f"{name} cannot be read: {error.strerror}. Unpack the bundle again.") from error
            if found != expected:
                raise Refused(f"{name} is damaged: its sha256 is {found}. Copy the bundle again.")


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def create(place: Path, own_backend: bool) -> Path:
    """Create a virtual environment, removing an incomplete one; returns its Python.

    Args:
        place: Its folder.
        own_backend: Whether it sees the packages of the Python that runs this file.
    """
    try:
        # Without pip: some systems have no `ensurepip`, and the bundle holds a pip.
        venv.create(place, system_site_packages=own_backend, clear=True, symlinks=True, with_pip=False)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(f"{place} cannot be created: {error}") from error
    if own_backend and sys.prefix != sys.base_prefix:
        # The system's packages are those of the Python below; this one is itself an environment.
        folder = sysconfig.get_path("purelib", "venv", {"base": str(place), "platbase": str(place)})
        lines = [f"import site; site.addsitedir({path!r})\n" for path in site.getsitepackages()]
        Path(folder, "parent.pth").write_text("".join(lines), encoding="utf-8")
    return place / "bin" / "python"


def _pip(bundle, python, *arguments):
    """Install with the pip of the bundle, out of its wheels alone, whatever the machine configures."""
    (pip,) = (bundle / "wheels").glob("pip-*.whl")
    command = [python, f"{pip}/pip", "install", "--quiet", "--no-input", "--no-cache-dir"]
    options = ["--disable-pip-version-check", "--no-index", "--find-links", "wheels"]
    env = environment() | {"PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run([*command, *options, *arguments], cwd=bundle, env=env, check=False)
    if done.returncode:
        raise Refused("pip could not install the wheels; its reason is above.")


def environment() -> dict[str, str]:
    """The environment without what leads Python or pip elsewhere."""
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    return {
        name: v for name, v in os.environ.items() if name not in elsewhere and not name.startswith("PIP_")
    }


def show(python: Path, backend: str) -> str:
    """Version and devices of the backend, in one line.

    Raises:
        Refused: If it cannot be imported.
    """
    env = environment() | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([python, "-c", SHOW[backend]], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Refused(f"{backend} does not start: {reason}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
