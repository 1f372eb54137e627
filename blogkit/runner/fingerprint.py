"""What a result depends on, as one hash: equal hash, no need to run again."""

import hashlib
import json
import platform
from pathlib import Path

import nbformat

import blogkit


def fingerprint(notebook: Path, parameters: dict, backend: str, root: Path) -> str:
    """SHA-256 over the notebook's sources, parameters, backend, Python, blogkit and constraints.

    Outputs do not count: a refreshed notebook has not changed.
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
        ).encode()
    )
    package = Path(blogkit.__file__).parent
    for path in [*sorted(package.rglob("*.py")), root / "constraints.txt"]:
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
