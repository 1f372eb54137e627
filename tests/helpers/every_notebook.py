"""Runs all notebooks as a user would; one test file per way of running them, for parallel workers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from blogkit.report import CLAIMS_MIME

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def run(*command, cwd, **variables):
    """Run a module of this environment and return the finished process, output as text."""
    environment = {**os.environ, **variables}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # conftest's; a user has not set it
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def claims_in(notebook):
    """The claims in the outputs of a notebook."""
    return [
        claim
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if CLAIMS_MIME in output.get("data", {})
        for claim in output.data[CLAIMS_MIME]["claims"]
    ]


def check_smoke_run(notebook, backend, folder):
    """papermill with the smoke profile in another folder: no stderr, and a valid result file."""
    done = run(
        "papermill",
        notebook,
        "out.ipynb",
        "-f",
        ROOT / "notebooks/profiles/smoke.yaml",
        cwd=folder,
        KERAS_BACKEND=backend,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    executed = nbformat.read(folder / "out.ipynb", as_version=4)
    streams = [o for c in executed.cells for o in c.get("outputs", []) if o.get("name") == "stderr"]
    assert streams == []
    result = json.loads((folder / "runs" / f"{notebook.stem}.json").read_text(encoding="utf-8"))
    assert result["environment"]["backend"] == backend
    # The table in the notebook and the result file tell the same.
    assert [c["verdict"] for c in result["claims"]] == [c["verdict"] for c in claims_in(executed)]
    assert [c["id"] for c in result["claims"] if c["kind"] == "identity" and c["verdict"] == "fails"] == []
