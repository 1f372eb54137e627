"""One notebook, executed by papermill in a fresh kernel, landing whole or not at all."""

import dataclasses
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import papermill
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from blogkit.report import write_atomically

ANSI = re.compile(r"\x1b\[[0-9;]*m")
TRACEBACK_LINES = 12
# Without it a kernel warns on stderr that others on the machine could read its TCP port.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})


@dataclasses.dataclass(frozen=True)
class Job:
    """What to run, with what, and where the result goes; plain data, so it can travel."""

    notebook: Path
    folder: Path
    parameters: dict
    backend: str
    fingerprint: str

    @property
    def name(self) -> str:
        return self.notebook.stem

    @property
    def executed(self) -> Path:
        """The executed notebook of a run that succeeded."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def failed(self) -> Path:
        """The partial notebook of a run that failed."""
        return self.folder / f"{self.name}.failed.ipynb"

    @property
    def result(self) -> Path:
        """The result file: claims, environment, fingerprint. Written last."""
        return self.folder / f"{self.name}.json"

    def read_result(self) -> dict | None:
        """The result file if it is there and whole."""
        try:
            return json.loads(self.result.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            return None

    def is_done(self) -> bool:
        """Whether this very job has succeeded before."""
        found = self.read_result()
        return bool(found) and found.get("fingerprint") == self.fingerprint and self.executed.exists()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a job ended: `status` is "ran", "skipped" or "failed"; `error` tells why."""

    name: str
    status: str
    seconds: float
    error: str = ""


def execute(job: Job, on_cell: Callable[[int, int, str], None] | None = None) -> Outcome:
    """Run `job` and put its notebook and result file in place.

    Args:
        job: The job; `job.backend` becomes the kernel's `KERAS_BACKEND`.
        on_cell: Called as `on_cell(cell, cells, heading)` before each code cell.

    Returns:
        The outcome; a failure of any kind is an outcome too, not an exception.
    """
    start = time.perf_counter()
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        _clear(job)
        with tempfile.TemporaryDirectory(prefix=f".{job.name}-", dir=job.folder) as work:
            _execute_in(Path(work), job, on_cell, start)
        return Outcome(job.name, "ran", time.perf_counter() - start)
    except Exception as error:  # whatever it was, the other notebooks still run
        return Outcome(job.name, "failed", time.perf_counter() - start, _describe(error, job))


def _clear(job):
    """Nothing of an older run may pass for this one's, nor a killed run's leavings pile up."""
    for path in (job.result, job.executed, job.failed):
        path.unlink(missing_ok=True)
    for leavings in job.folder.glob(f".{job.name}-*"):
        shutil.rmtree(leavings, ignore_errors=True)


def _execute_in(work, job, on_cell, start):
    partial = work / job.executed.name
    env = dict(
        os.environ,
        KERAS_BACKEND=job.backend,
        BLOGKIT_RESULTS=str(work),
        TF_CPP_MIN_LOG_LEVEL=os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
    )
    try:
        papermill.execute_notebook(
            str(job.notebook.resolve()),
            str(partial.resolve()),
            parameters=job.parameters,
            engine_name="blogkit",
            progress_bar=False,
            env=env,
            on_cell=on_cell,
            resources={"metadata": {"path": str(job.notebook.resolve().parent)}},
        )
        result = json.loads((work / job.result.name).read_text(encoding="utf-8"))
    except BaseException:
        if partial.exists():
            os.replace(partial, job.failed)
        raise
    os.replace(partial, job.executed)
    result |= {"fingerprint": job.fingerprint, "seconds": round(time.perf_counter() - start, 1)}
    write_atomically(job.result, json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def _describe(error, job):
    """The last lines of a failed cell's traceback, or the error itself; then where to look."""
    if isinstance(error, papermill.PapermillExecutionError):
        lines = ANSI.sub("", "\n".join(error.traceback)).splitlines()
        text = "\n".join(lines[-TRACEBACK_LINES:])
    elif isinstance(error, FileNotFoundError) and str(error.filename).endswith(job.result.name):
        text = f"{job.name} ended without `report.save()`: no result file was written."
    else:
        text = f"{type(error).__name__}: {ANSI.sub('', str(error))}"
    if job.failed.exists():
        text += f"\nPartial notebook: {job.failed}"
    return text


class _Engine(NBClientEngine):
    """papermill's own engine, with an environment for the kernel and a call before each cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, env, on_cell, resources, **options):
        headings = list(_headings(nb_man.nb.cells))
        cell_start = nb_man.cell_start

        def announce(cell, cell_index, **kwargs):
            if on_cell and cell.cell_type == "code":
                on_cell(cell_index + 1, len(headings), headings[cell_index])
            return cell_start(cell, cell_index, **kwargs)

        nb_man.cell_start = announce
        PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            resources=resources,
            startup_timeout=options.get("start_timeout", 60),
            timeout=None,
            record_timing=False,
            coalesce_streams=True,
            config=KERNEL,
        ).execute(env=env)


def _headings(cells):
    """For each cell the last Markdown heading at or before it."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        yield heading


papermill_engines.register("blogkit", _Engine)
