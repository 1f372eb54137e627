"""Execute one notebook with papermill in a fresh kernel; results appear only when it has succeeded."""

import asyncio
import contextlib
import dataclasses
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from blogkit.report import write_atomically
from blogkit.runner.project import read_result

ANSI = re.compile(r"\x1b\[[0-9;]*m")
TRACEBACK_LINES = 12
# Otherwise a kernel warns on stderr that other users of the machine could read its TCP port.
KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})
LOG = logging.getLogger("blogkit.runner")
LOG.addHandler(logging.NullHandler())  # errors are reported in the outcome

_running: set[PapermillNotebookClient] = set()


@dataclasses.dataclass(frozen=True)
class Job:
    """A notebook, its parameters and backend, and the folder of its result; can be pickled."""

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

    @property
    def work_prefix(self) -> str:
        """Prefix of the names of this job's temporary folders."""
        return f".{self.executed.name}-"

    def read_result(self) -> dict | None:
        """The content of the result file; None if it is missing or incomplete."""
        return read_result(self.result)

    def is_done(self) -> bool:
        """Whether this job, with the same fingerprint, has succeeded before."""
        found = self.read_result()
        return bool(found) and found.get("fingerprint") == self.fingerprint and self.executed.exists()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a job ended: `status` is "ran", "skipped" or "failed"; `error` is the reason."""

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
        The outcome; failures of any kind are outcomes, not exceptions.
    """
    start = time.perf_counter()
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        _clear(job)
        with tempfile.TemporaryDirectory(
            prefix=job.work_prefix, dir=job.folder, ignore_cleanup_errors=True
        ) as work:
            _execute_in(Path(work).resolve(), job, on_cell, start)
        return Outcome(job.name, "ran", time.perf_counter() - start)
    except Exception as error:  # one failure must not stop the other notebooks
        return Outcome(job.name, "failed", time.perf_counter() - start, _describe(error, job))


def stop_kernels() -> None:
    """Kill the kernels that `execute` has started in this process; their jobs fail at once."""
    for client in list(_running):
        if client.km and client.km.provisioner:
            asyncio.run(client.km.provisioner.kill())


def _clear(job):
    """Remove the results of an earlier run and the temporary folders of killed runs."""
    for path in (job.result, job.executed, job.failed):
        path.unlink(missing_ok=True)
    for path in job.folder.iterdir():
        if path.name.startswith(job.work_prefix):
            shutil.rmtree(path, ignore_errors=True)


def _execute_in(work, job, on_cell, start):
    partial, saved = work / job.executed.name, work / job.result.name
    env = dict(
        os.environ,
        KERAS_BACKEND=job.backend,
        BLOGKIT_RESULTS=str(work),
        TF_CPP_MIN_LOG_LEVEL=os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
    )
    try:
        papermill.execute_notebook(
            _literal(job.notebook.resolve()),
            _literal(partial),
            parameters=job.parameters,
            engine_name="blogkit",
            progress_bar=False,
            env=env,
            on_cell=on_cell,
            resources={"metadata": {"path": str(job.notebook.resolve().parent)}},
        )
        result = read_result(saved)
        if result is None:
            raise FileNotFoundError(
                f"the notebook wrote no {saved.name}. It must end with `report.save()` "
                f"of a `Report({job.name!r}, ...)`."
            )
        result |= {"fingerprint": job.fingerprint, "seconds": round(time.perf_counter() - start, 1)}
        write_atomically(saved, json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    except BaseException:
        if partial.exists():
            os.replace(partial, job.failed)
        raise
    os.replace(partial, job.executed)
    os.replace(saved, job.result)


def _literal(path):
    """`path` for papermill, which fills in parameters where a path has braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _describe(error, job):
    """The last lines of a failed cell's traceback, or the error itself; then where to look."""
    if isinstance(error, papermill.PapermillExecutionError):
        lines = ANSI.sub("", "\n".join(error.traceback)).splitlines()
        text = "\n".join(lines[-TRACEBACK_LINES:])
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
        cell_start, place = nb_man.cell_start, "before the first cell"

        def announce(cell, cell_index, **kwargs):
            nonlocal place
            place = f"in cell {cell_index + 1} of {len(headings)}"
            if on_cell and cell.cell_type == "code":
                on_cell(cell_index + 1, len(headings), headings[cell_index])
            return cell_start(cell, cell_index, **kwargs)

        nb_man.cell_start = announce
        with _client(nb_man, kernel_name, resources, options) as client, tempfile.TemporaryFile() as stderr:
            try:
                # Captured separately, because a kernel logs its own shutdown as an error.
                client.execute(env=env, stderr=stderr)
            except DeadKernelError as error:
                stderr.seek(0)
                words = stderr.read().decode(errors="replace").splitlines()
                reason = "it ended itself, was killed, or memory ran out"
                text = "\n".join([f"the kernel died {place}: {reason}.", *words[-TRACEBACK_LINES:]])
                raise DeadKernelError(text) from error


@contextlib.contextmanager
def _client(nb_man, kernel_name, resources, options):
    """papermill's client, which `stop_kernels` finds; its event loop is closed after use."""
    client = PapermillNotebookClient(
        nb_man,
        kernel_name=kernel_name,
        resources=resources,
        startup_timeout=options.get("start_timeout", 60),
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        config=KERNEL,
        log=LOG,
    )
    loop = ensure_event_loop()  # nbclient uses one per thread and never closes it
    _running.add(client)
    try:
        yield client
    finally:
        _running.discard(client)
        if not loop.is_running():
            loop.close()


def _headings(cells):
    """For each cell, the last Markdown heading at or before it."""
    heading = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, re.MULTILINE)
            heading = found[-1] if found else heading
        yield heading


papermill_engines.register("blogkit", _Engine)
