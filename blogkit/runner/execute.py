"""Execute one notebook with papermill in a fresh kernel; its result replaces the old one on success."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import papermill

from blogkit.report import CHECKPOINTS, write_atomically
from blogkit.runner.fingerprint import sources
from blogkit.runner.job import Job, Outcome
from blogkit.runner.kernel_client import ENGINE, TRACEBACK_LINES
from blogkit.runner.lock import InUse, locked
from blogkit.runner.project import read_result
from blogkit.runner.reasons import HASHES, in_one_line
from blogkit.runner.result_files import finish, put_in_place

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def execute(
    job: Job,
    on_cell: Callable[[int, int, str], None] | None = None,
    *,
    limits: dict[str, str] | None = None,
    wait: float = 0.0,
) -> Outcome:
    """Run `job` and put its notebook and result file in place.

    Args:
        job: The job; `job.backend` becomes the kernel's `KERAS_BACKEND`.
        on_cell: Called as `on_cell(cell, cells, heading)` before each code cell.
        limits: Further variables of the kernel's environment.
        wait: Seconds to wait for another process that is running the same job.

    Returns:
        The outcome; failures of any kind are outcomes, not exceptions. A run that fails leaves the
        result of an earlier one as it is.
    """
    start = time.perf_counter()
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with locked(job.lock, f"{job.label} of profile {job.profile!r}", wait):
            note = _clear(job)
            prefix = job.work_prefix + job.submission
            with tempfile.TemporaryDirectory(
                prefix=prefix, dir=job.folder, ignore_cleanup_errors=True
            ) as work:
                note = _execute_in(Path(work).resolve(), job, on_cell, limits or {}, start) or note
            _remove_checkpoints(job)
        return Outcome(job.label, "ran", time.perf_counter() - start, note=note)
    except Exception as error:  # one failure must not stop the other notebooks
        return Outcome(job.label, "failed", time.perf_counter() - start, _describe(error, job))


def _clear(job):
    """Finish or remove what earlier runs left; a note if one of them was this job on a lost worker."""
    finish(job.folder, job.name)
    for path in (job.failed, job.failed_result):
        path.unlink(missing_ok=True)
    killed = [path for path in job.folder.iterdir() if path.name.startswith(job.work_prefix)]
    for path in killed:
        shutil.rmtree(path, ignore_errors=True)
    if job.submission and any(job.submission in path.name for path in killed):
        return "run again from its start or checkpoints, because the worker that ran it was lost"
    return ""


def _remove_checkpoints(job):
    """Remove the checkpoints of a job that has succeeded, and their parent after the last one."""
    if job.checkpoints:
        shutil.rmtree(job.checkpoints, ignore_errors=True)
        with contextlib.suppress(OSError):  # others are left, or there are none
            job.checkpoints.parent.rmdir()


def _execute_in(work, job, on_cell, limits, start):
    """Run `job` in the folder `work`; a note if its sources changed meanwhile."""
    partial, saved = work / job.executed.name, work / job.result.name
    env = dict(
        os.environ,
        KERAS_BACKEND=job.backend,
        BLOGKIT_RESULTS=str(work),
        TF_CPP_MIN_LOG_LEVEL=os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3"),
        **limits,
    )
    env[CHECKPOINTS] = str(job.checkpoints.resolve()) if job.checkpoints else ""
    resumed = bool(job.checkpoints) and job.checkpoints.exists()
    try:
        papermill.execute_notebook(
            _literal(job.notebook.resolve()),
            _literal(partial),
            parameters=job.parameters,
            engine_name=ENGINE,
            progress_bar=False,
            execution_timeout=job.cell_timeout,
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
        changed = _changed(job)
        result |= {
            "fingerprint": job.fingerprint,
            "inputs": job.inputs | ({"changed": changed} if changed else {}),
            "seconds": round(time.perf_counter() - start, 1),
        }
        if job.submission:
            result["submission"] = job.submission
        if resumed:  # then `seconds` and measured times are those of the last part alone
            result["resumed"] = True
        write_atomically(saved, json.dumps(result, ensure_ascii=False, indent=1) + "\n")
        put_in_place(work, job.folder, job.name)
    except BaseException:
        if partial.exists():
            os.replace(partial, job.failed)
        if saved.exists():
            os.replace(saved, job.failed_result)
        raise
    return f"{changed} while it ran: the next run repeats it" if changed else ""


def _changed(job):
    """What has been edited since the job was planned: nobody knows which version the kernel has read."""
    if not job.inputs:
        return ""
    now = sources(job.notebook, job.parameters, job.backend, job.notebook.resolve().parents[1])
    return in_one_line([text for name, text in HASHES.items() if now[name] != job.inputs[name]])


def _literal(path):
    """`path` for papermill, which fills in parameters where a path has braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _describe(error, job):
    """The last lines of a failed cell's traceback, or the error itself; then where to look."""
    if isinstance(error, papermill.PapermillExecutionError):
        lines = ANSI.sub("", "\n".join(error.traceback)).splitlines()
        text = "\n".join(lines[-TRACEBACK_LINES:])
    elif isinstance(error, InUse):
        return str(error)
    else:
        text = f"{type(error).__name__}: {ANSI.sub('', str(error))}"
    if job.failed.exists():
        text += f"\nPartial notebook: {job.failed}"
    if job.checkpoints and job.checkpoints.exists():
        text += f"\nCheckpoints, from which the same command continues: {job.checkpoints}"
    return text
