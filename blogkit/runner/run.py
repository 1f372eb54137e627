"""Run many notebooks: skip those that have not changed, and continue after failures."""

import concurrent.futures
import contextlib
import dataclasses
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from blogkit.report import Claim, totals
from blogkit.report.tables import HEADERS, WIDTH, plain_table, row
from blogkit.runner.execute import execute
from blogkit.runner.fingerprint import fingerprint, machine, sources
from blogkit.runner.job import Job, Outcome
from blogkit.runner.kernel_client import stop_kernels
from blogkit.runner.parameters import resolve
from blogkit.runner.progress import Progress
from blogkit.runner.project import Project
from blogkit.runner.reasons import in_one_line
from blogkit.runner.threads import thread_limits

SHORT = ("default", "smoke")  # profiles that save no checkpoints
WAIT = 60.0  # seconds for the lock of a lost worker, which a network file system may keep for a while
MOST_FAILURES = 100  # exit codes have one byte, and shells use those above 125


def plan(
    project: Project, notebooks: list[Path], profile: str, overrides: Sequence[tuple[str, str]], backend: str
) -> list[Job]:
    """One validated job for each notebook; those of long profiles save checkpoints and resume.

    Raises:
        UsageError: If a profile, parameter or value is invalid.
    """
    values = resolve(notebooks, project, profile, overrides)
    return [
        job_of(
            path,
            values[path.stem],
            backend,
            project,
            folder=project.runs(profile),
            resumes=profile not in SHORT,
        )
        for path in notebooks
    ]


def job_of(notebook: Path, parameters: dict, backend: str, project: Project, **fields) -> Job:
    """A job with the inputs of today; `fields` are the others of `Job`."""
    parts = sources(notebook, parameters, backend, project.root)
    return Job(
        notebook=notebook,
        parameters=parameters,
        backend=backend,
        fingerprint=fingerprint(parts),
        inputs=parts | machine(backend),
        **fields,
    )


def run(
    jobs: list[Job],
    *,
    workers: int = 1,
    executor: concurrent.futures.Executor | None = None,
    force: bool = False,
    cell_timeout: int | None = None,
) -> list[Outcome]:
    """Run `jobs` and print one line each.

    Args:
        jobs: From `plan`.
        workers: Notebooks at a time on this machine.
        executor: Any `concurrent.futures` executor to use instead, such as a Dask
            cluster's; its workers must see the same files.
        force: Also run notebooks whose inputs have not changed.
        cell_timeout: Seconds that one cell may take; a notebook with a slower one fails.

    Returns:
        Outcomes in the order of `jobs`.
    """
    progress = Progress(len(jobs))
    outcomes = {}
    for job in jobs if not force else ():
        if (found := job.reasons()) == []:
            outcomes[job.label] = Outcome(job.label, "skipped", 0.0)
            progress.done(outcomes[job.label])
        elif found:
            progress.say(f"{job.label} runs again: {in_one_line(found)}")
    waiting = [
        dataclasses.replace(job, cell_timeout=cell_timeout) for job in jobs if job.label not in outcomes
    ]
    with _submitted(waiting, workers, executor, progress) as futures:
        for future in concurrent.futures.as_completed(futures):
            outcome = _outcome(futures[future], future)
            outcomes[outcome.name] = outcome
            progress.done(outcome)
    return [outcomes[job.label] for job in jobs]


@contextlib.contextmanager
def _submitted(jobs, workers, executor, progress):
    """Dictionary from future to job. An interrupt cancels waiting jobs and kills running kernels."""
    with contextlib.ExitStack() as stack:
        if executor is None:
            # Threads: each notebook is a process of its own, its kernel.
            threads = stack.enter_context(concurrent.futures.ThreadPoolExecutor(workers))
            limits = thread_limits(min(workers, len(jobs)))
            futures = {threads.submit(_watched, job, progress, limits): job for job in jobs}
        else:
            jobs = [dataclasses.replace(job, submission=secrets.token_hex(8)) for job in jobs]
            futures = {executor.submit(_execute_once, job): job for job in jobs}
        try:
            yield futures
        except BaseException:
            for future in futures:
                future.cancel()
            # Repeated until all have ended, because a kernel may just be starting.
            while executor is None and concurrent.futures.wait(futures, timeout=0.2).not_done:
                stop_kernels()
            raise


def _watched(job, progress, limits):
    return execute(job, progress.watch(job.label), limits=limits)


def _execute_once(job):
    """`execute`, unless an earlier attempt at this job has succeeded.

    A cluster repeats a job when it has lost the worker that ran it, and also when it has lost the
    worker that kept the outcome of a job which had ended long before.
    """
    found = job.read_result()
    if found and found.get("submission") == job.submission:
        note = "not repeated, although the worker that kept its outcome was lost: it had ended"
        return Outcome(job.label, "ran", found["seconds"], note=note)
    return execute(job, wait=WAIT)


def _outcome(job, future):
    """The result of `execute`; if the worker was lost, its job has failed."""
    try:
        return future.result()
    except Exception as error:
        return Outcome(job.label, "failed", 0.0, f"{type(error).__name__}: {error}")


def summary(jobs: list[Job], outcomes: list[Outcome]) -> str:
    """The table of all claims, the number of notebooks by status and of claims by kind and verdict.

    A notebook that failed has no claims: those of an earlier run are not this one's.
    """
    rows, claims = [], []
    for job, outcome in zip(jobs, outcomes, strict=True):
        if outcome.status == "failed":
            continue
        for fields in (job.read_result() or {}).get("claims", []):
            claims.append(claim := Claim.from_dict(fields))
            named, *cells = row(claim)
            rows.append((f"{job.name[:2]} {named}", *cells))
    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    statuses = [outcome.status for outcome in outcomes]
    counts = ", ".join(f"{statuses.count(s)} {s}" for s in ("ran", "skipped", "failed"))
    lines = [plain_table(HEADERS, rows, width)] if rows else []
    lines += [f"Notebooks: {counts}.", totals(claims).replace(". ", ".\n")]
    if jobs:
        lines.append(f"Results: {jobs[0].folder}")
    return "\n".join(lines)


def failures(outcomes: list[Outcome]) -> int:
    """The exit code: the number of notebooks that failed."""
    return min(sum(outcome.status == "failed" for outcome in outcomes), MOST_FAILURES)
