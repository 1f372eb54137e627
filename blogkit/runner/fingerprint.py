"""What a result depends on, part by part; a notebook whose parts are all equal is not run again.

`sources` has what a clone and a command say; its hash, the fingerprint, is the same on every machine.
`machine` has what the machine adds. The files that a run reads are known only afterwards: its result
file lists them (`blogkit.files_read`).
"""

import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

import nbformat

import blogkit
from blogkit.extras import PACKAGES
from blogkit.report.environment import processor

# Distributions of each backend; TensorFlow comes under several names.
BACKENDS = {
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly"),
    "jax": ("jax", "jaxlib"),
    "torch": ("torch",),
}
# Extras whose packages a notebook computes or draws with. The others are tools around it.
RUN_TIME = {"bert", "data", "embedded", "figures", "nlp", "theory"}
VISIBLE = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "JAX_PLATFORMS")  # choose among the devices


def sources(notebook: Path, parameters: dict, backend: str, root: Path, python: str | None = None) -> dict:
    """The notebook's cells, parameters, backend, Python, blogkit and constraints, as JSON types.

    Cells, sources and constraints are hashes. Outputs are left out: refreshing a notebook changes
    nothing. `python` is the version of a run on another machine; by default that of this process.
    """
    cells = [
        (c.cell_type, c.source, c.metadata.get("tags", []))
        for c in nbformat.read(notebook, as_version=4).cells
    ]
    package = Path(blogkit.__file__).parent
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    constraints = root / "constraints.txt"
    found = {
        "cells": hashlib.sha256(json.dumps(cells).encode()).hexdigest(),
        "parameters": parameters,
        "backend": backend,
        "python": python or platform.python_version(),
        "blogkit": digest.hexdigest(),
        "constraints": hashlib.sha256(constraints.read_bytes()).hexdigest() if constraints.exists() else None,
    }
    return json.loads(json.dumps(found, default=str))


def fingerprint(parts: dict) -> str:
    """SHA-256 over what `sources` gives."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def machine(backend: str) -> dict:
    """Versions of the packages that compute, and the device, as JSON types.

    They are those of this process, which imports no backend. Not seen are a kernel of another
    environment, drivers, a worker of a cluster, and which of several devices a notebook takes: the
    result file's `environment` tells what a run really had.
    """
    names = {"keras", "numpy", *(package for package, extra in PACKAGES.values() if extra in RUN_TIME)}
    found = {name: _version(name) for name in sorted({*names, *BACKENDS.get(backend, ())})}
    chosen = {name: os.environ[name] for name in VISIBLE if name in os.environ}
    return {
        "versions": {name: version for name, version in found.items() if version},
        "device": {"processor": processor(), "gpus": _gpus(), **chosen},
    }


def _version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@functools.cache
def _gpus():
    """Names of the GPUs that NVIDIA's or AMD's own tool lists; none where neither is installed."""
    for tool, *arguments in (
        ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader"),
        ("rocm-smi", "--showproductname", "--csv"),
    ):
        if not shutil.which(tool):
            continue
        try:
            answer = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0:
            return [line.strip() for line in answer.stdout.splitlines() if line.strip()]
    return []
