"""Executed notebooks put back in place as the committed outputs, the same bytes each time."""

import tempfile
from pathlib import Path

import nbformat

from blogkit.report import write_atomically
from blogkit.runner.check import KEPT_CELL_METADATA, KEPT_NOTEBOOK_METADATA
from blogkit.runner.execute import Job, Outcome, execute
from blogkit.runner.progress import Progress

BACKEND = "tensorflow"  # where the committed outputs come from


def refresh(notebooks: list[Path]) -> list[Outcome]:
    """Execute each notebook with its own defaults and store the outputs in it.

    A notebook that fails keeps the outputs it had.
    """
    progress = Progress(len(notebooks))
    outcomes = []
    for notebook in notebooks:
        with tempfile.TemporaryDirectory() as folder:
            job = Job(notebook, Path(folder), parameters={}, backend=BACKEND, fingerprint="")
            outcome = execute(job, progress.watch(job.name))
            if outcome.status == "ran":
                executed = nbformat.read(job.executed, as_version=4)
                write_atomically(notebook, nbformat.writes(stripped(executed)) + "\n")
        progress.done(outcome)
        outcomes.append(outcome)
    return outcomes


def stripped(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """`notebook` without what differs from run to run or from tool to tool."""
    _keep(notebook.metadata, KEPT_NOTEBOOK_METADATA)
    if "language_info" in notebook.metadata:
        notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        _keep(cell.metadata, KEPT_CELL_METADATA)
        if not cell.metadata.get("tags", True):  # papermill leaves an empty list
            del cell.metadata["tags"]
    return notebook


def _keep(metadata, names):
    for name in set(metadata) - set(names):
        del metadata[name]
