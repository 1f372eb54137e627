"""Re-execute notebooks and store their outputs, byte for byte the same each time."""

from pathlib import Path

import nbformat

from blogkit.report import write_atomically
from blogkit.runner.check import KEPT_CELL_METADATA, KEPT_LANGUAGE_INFO, KEPT_NOTEBOOK_METADATA
from blogkit.runner.job import Job, Outcome
from blogkit.runner.run import run

BACKEND = "tensorflow"  # the backend of the committed outputs


def refresh(notebooks: list[Path], folder: Path) -> list[Outcome]:
    """Execute each notebook with its own defaults, in `folder`, and store the outputs in it.

    A notebook that fails keeps its previous outputs; the partial ones stay in `folder`.
    """
    jobs = [Job(path, folder, parameters={}, backend=BACKEND, fingerprint="") for path in notebooks]
    outcomes = run(jobs, force=True)
    for job, outcome in zip(jobs, outcomes):
        if outcome.status == "ran":
            executed = nbformat.read(job.executed, as_version=4)
            write_atomically(job.notebook, nbformat.writes(stripped(executed)) + "\n")
    return outcomes


def stripped(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """`notebook` without metadata that differ between runs or tools."""
    _keep(notebook.metadata, KEPT_NOTEBOOK_METADATA)
    if "language_info" in notebook.metadata:
        notebook.metadata.language_info = dict(KEPT_LANGUAGE_INFO)
    for cell in notebook.cells:
        _keep(cell.metadata, KEPT_CELL_METADATA)
        if not cell.metadata.get("tags", True):  # papermill leaves an empty list
            del cell.metadata["tags"]
    return notebook


def _keep(metadata, names):
    for name in set(metadata) - set(names):
        del metadata[name]
