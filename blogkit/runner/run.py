"""Run many notebooks: skip those that have not changed, and continue after failures."""

import concurrent.futures
import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from blogkit.report import Claim
from blogkit.report.tables import COLUMNS, MARKS, plain_table, row
from blogkit.runner.execute import Job, Outcome, execute, stop_kernels
from blogkit.runner.fingerprint import fingerprint
from blogkit.runner.parameters import resolve
from blogkit.runner.progress import Progress
from blogkit.runner.project import Project, UsageError, unknown

BACKENDS = ("tensorflow", "jax", "torch")
MOST_FAILURES = 100  # exit codes have one byte, and shells use those above 125


def choose_backend(name: str | None) -> str:
    """The backend `name`, else `$KERAS_BACKEND`, else TensorFlow.

    Raises:
        UsageError: If the backend is unknown or not installed.
    """
    name = name or os.environ.get("KERAS_BACKEND") or "tensorflow"
    if name not in BACKENDS:
        raise unknown("backend", name, BACKENDS)
    present = [b for b in BACKENDS if importlib.util.find_spec(b)]
    if name not in present:
        raise UsageError(
            f"backend {name!r} is not installed. Installed: {', '.join(present) or 'none'}; "
            f"choose one with --backend or KERAS_BACKEND."
        )
    return name


def plan(
    project: Project, notebooks: list[Path], profile: str, overrides: Sequence[tuple[str, str]], backend: str
) -> list[Job]:
    """One validated job for each notebook.

    Raises:
        UsageError: If a profile, parameter or value is invalid.
    """
    values = resolve(notebooks, project, profile, overrides)
    return [
        Job(
            notebook=path,
            folder=project.runs(profile),
            parameters=values[path.stem],
            backend=backend,
            fingerprint=fingerprint(path, values[path.stem], backend, project.root),
        )
        for path in notebooks
    ]


def run(
    jobs: list[Job],
    *,
    workers: int = 1,
    executor: concurrent.futures.Executor | None = None,
    force: bool = False,
) -> list[Outcome]:
    """Run `jobs` and print one line each.

    Args:
        jobs: From `plan`.
        workers: Notebooks at a time on this machine.
        executor: Any `concurrent.futures` executor to use instead, such as a Dask
            cluster's; its workers must see the same files.
        force: Also run notebooks that have not changed.

    Returns:
        Outcomes in the order of `jobs`.
    """
    progress = Progress(len(jobs))
    outcomes = {}
    for job in jobs:
        if not force and job.is_done():
            outcomes[job.name] = Outcome(job.name, "skipped", 0.0)
            progress.done(outcomes[job.name])
    waiting = [job for job in jobs if job.name not in outcomes]
    with _submitted(waiting, workers, executor, progress) as futures:
        for future in concurrent.futures.as_completed(futures):
            outcome = _outcome(futures[future], future)
            outcomes[outcome.name] = outcome
            progress.done(outcome)
    return [outcomes[job.name] for job in jobs]


@contextlib.contextmanager
def _submitted(jobs, workers, executor, progress):
    """Dictionary from future to job. An interrupt cancels waiting jobs and kills running kernels."""
    with contextlib.ExitStack() as stack:
        if executor is None:
            # Threads: each notebook is a process of its own, its kernel.
            threads = stack.enter_context(concurrent.futures.ThreadPoolExecutor(workers))
            futures = {threads.submit(_watched, job, progress): job for job in jobs}
        else:
            futures = {executor.submit(execute, job): job for job in jobs}
        try:
            yield futures
        except BaseException:
            for future in futures:
                future.cancel()
            # Repeated until all have ended, because a kernel may just be starting.
            while executor is None and concurrent.futures.wait(futures, timeout=0.2).not_done:
                stop_kernels()
            raise


def _watched(job, progress):
    return execute(job, progress.watch(job.name))


def _outcome(job, future):
    """The result of `execute`; if the worker was lost, its job has failed."""
    try:
        return future.result()
    except Exception as error:
        return Outcome(job.name, "failed", 0.0, f"{type(error).__name__}: {error}")


def summary(jobs: list[Job], outcomes: list[Outcome]) -> str:
    """The table of all claims, and a line with the numbers of notebooks and verdicts."""
    rows, verdicts = [], dict.fromkeys(MARKS, 0)
    for job in jobs:
        for fields in (job.read_result() or {}).get("claims", []):
            claim = Claim.from_dict(fields)
            verdicts[claim.verdict] += 1
            _, *cells = row(claim)
            rows.append((f"{job.name[:2]} {claim.id}", *cells))
    headers = [column.name for column in COLUMNS]
    width = shutil.get_terminal_size((110, 24)).columns if sys.stdout.isatty() else 110
    statuses = [outcome.status for outcome in outcomes]
    counts = ", ".join(f"{statuses.count(s)} {s}" for s in ("ran", "skipped", "failed"))
    found = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    lines = [plain_table(headers, rows, width)] if rows else []
    lines.append(f"Notebooks: {counts}. Claims: {found}.")
    if jobs:
        lines.append(f"Results: {jobs[0].folder}")
    return "\n".join(lines)


def failures(outcomes: list[Outcome]) -> int:
    """The exit code: the number of notebooks that failed."""
    return min(sum(outcome.status == "failed" for outcome in outcomes), MOST_FAILURES)
