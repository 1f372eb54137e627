"""One hash of everything that a result depends on; a notebook with an equal hash is not run again."""

import hashlib
import json
import platform
from pathlib import Path

import nbformat

import blogkit


def fingerprint(notebook: Path, parameters: dict, backend: str, root: Path) -> str:
    """SHA-256 over the notebook's sources, parameters, backend, Python, blogkit and constraints.

    Outputs are left out: refreshing a notebook does not change its hash.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    digest = hashlib.sha256()
    digest.update(
        json.dumps(
            {
                "cells": [(c.cell_type, c.source, c.metadata.get("tags", [])) for c in cells],
                "parameters": parameters,
                "backend": backend,
                "python": platform.python_version(),
            },
            sort_keys=True,
            default=str,
        ).encode()
    )
    package = Path(blogkit.__file__).parent
    sources = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    for name, path in [*sorted(sources.items()), ("constraints.txt", root / "constraints.txt")]:
        if path.exists():
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
