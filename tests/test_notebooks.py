"""Every notebook: in order, runs headless from anywhere, and still finds what it says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from blogkit.report import CLAIMS_MIME
from blogkit.runner.check import check_notebook

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
EVERY_NOTEBOOK = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)


def run(*command, cwd, **variables):
    """Run a module of this environment and return the finished process, output as text."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=cwd, capture_output=True, text=True,
        env={**os.environ, **variables}, check=False,
    )


def claims_in(notebook):
    return [
        claim
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if CLAIMS_MIME in output.get("data", {})
        for claim in output.data[CLAIMS_MIME]["claims"]
    ]


@EVERY_NOTEBOOK
def test_is_what_the_contract_promises(notebook):
    assert check_notebook(notebook) == []


@EVERY_NOTEBOOK
def test_committed_outputs_hold_every_claim(notebook):
    """On the defaults nothing is left untested, and what is false says why."""
    claims = claims_in(nbformat.read(notebook, as_version=4))
    assert claims
    assert [c["id"] for c in claims if c["verdict"] == "not tested"] == []
    assert [c["id"] for c in claims if c["verdict"] == "false" and not c["differs"]] == []


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
@EVERY_NOTEBOOK
def test_papermill_runs_the_smoke_profile_from_another_folder(notebook, backend, tmp_path):
    done = run(
        "papermill", notebook, "out.ipynb", "-f", ROOT / "notebooks/profiles/smoke.yaml",
        cwd=tmp_path, KERAS_BACKEND=backend,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    streams = [o for c in executed.cells for o in c.get("outputs", []) if o.get("name") == "stderr"]
    assert streams == []
    result = json.loads((tmp_path / "runs" / f"{notebook.stem}.json").read_text(encoding="utf-8"))
    assert result["environment"]["backend"] == backend
    # The table in the notebook and the result file tell the same.
    assert [c["verdict"] for c in result["claims"]] == [c["verdict"] for c in claims_in(executed)]
    assert "false" not in {c["verdict"] for c in result["claims"]}


@EVERY_NOTEBOOK
def test_nbval_finds_the_committed_verdicts_again(notebook, tmp_path):
    empty = tmp_path / "pytest.ini"  # the library's pytest settings are not meant for notebooks
    empty.write_text("[pytest]\n")
    done = run(
        "pytest", "-q", "-c", empty, "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env",
        notebook, cwd=tmp_path, KERAS_BACKEND="tensorflow",
    )
    assert done.returncode == 0, done.stdout[-3000:]
