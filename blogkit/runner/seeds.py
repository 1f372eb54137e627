"""Run notebooks with several seeds, and decide each claim over all of them."""

import concurrent.futures
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from blogkit.report import Claim, write_atomically
from blogkit.report.aggregate import aggregate
from blogkit.runner.job import Job, Outcome
from blogkit.runner.parameters import parameters_of
from blogkit.runner.project import Project, UsageError, read_result
from blogkit.runner.run import job_of, plan, run

PARAMETER = "seed"
PEAKS = ("peak_memory_mb", "peak_device_memory_mb")  # differ in every run


@dataclasses.dataclass(frozen=True)
class Repeats:
    """One notebook with the seeds 0 to N - 1: a job for each, and one that holds the aggregate."""

    whole: Job
    jobs: tuple[Job, ...]

    @property
    def is_done(self) -> bool:
        """Whether the aggregate of the results that these jobs have now is in place."""
        return (self.whole.read_result() or {}).get("results") == self.results

    @property
    def results(self) -> list[str]:
        """SHA-256 of the result file of each job."""
        return [hashlib.sha256(job.result.read_bytes()).hexdigest() for job in self.jobs]


def seed_folder(project: Project, profile: str, seed: int) -> Path:
    """Folder of the executed notebooks and result files of one seed."""
    return project.runs(profile) / f"seed-{seed}"


def aggregated(project: Project, notebook: Path, profile: str, seeds: int) -> dict | None:
    """The aggregate that `run --seeds` wrote last for `notebook`; None if there is none.

    A result file as that of a single run, with these differences:

    - `claims` are decided over all seeds (`blogkit.report.aggregate`).
    - `seeds` lists the seeds and `results` the SHA-256 of their result files; `parameters` has no `seed`.
    - `seconds` is the sum over seeds, and `seconds_by_seed` has one number for each.
    - `measured` has the mean of each measurement, and its `values`.
    - `environment`, `data` and `trainable_parameters` are those of the first seed, with the
      largest peak memory of all. What is different with another seed stands in
      `differences`: dotted name to a list with one value for each seed.
    """
    return read_result(_folder(project, profile, seeds) / f"{notebook.stem}.json")


def plan_seeds(
    project: Project,
    notebooks: list[Path],
    profile: str,
    overrides: Sequence[tuple[str, str]],
    backend: str,
    seeds: int,
) -> list[Repeats]:
    """Validated jobs of each notebook for the seeds 0 to `seeds` - 1.

    Raises:
        UsageError: If `seeds` is not positive, if `overrides` set the seed, too, if a notebook
            has no parameter `seed`, or if a profile, parameter or value is invalid.
    """
    if seeds < 1:
        raise UsageError(f"--seeds takes a positive number. Received: {seeds}.")
    if any(name == PARAMETER for name, _ in overrides):
        raise UsageError(f"--seeds {seeds} sets the seeds 0 to {seeds - 1}: leave out -p {PARAMETER}.")
    for path in notebooks:
        if PARAMETER not in parameters_of(path):
            raise UsageError(f"--seeds needs the parameter {PARAMETER!r}, which {path.stem} does not have.")
    first_jobs = plan(project, notebooks, profile, [*overrides, (PARAMETER, "0")], backend)
    return [_repeats(project, profile, first, seeds) for first in first_jobs]


def _repeats(project, profile, first, seeds):
    jobs = [
        job_of(
            first.notebook,
            first.parameters | {PARAMETER: seed},
            first.backend,
            project,
            folder=seed_folder(project, profile, seed),
            resumes=first.resumes,
            seed=seed,
        )
        for seed in range(seeds)
    ]
    whole = dataclasses.replace(
        first,
        folder=_folder(project, profile, seeds),
        parameters={name: value for name, value in first.parameters.items() if name != PARAMETER},
        fingerprint=hashlib.sha256("\n".join(job.fingerprint for job in jobs).encode()).hexdigest(),
    )
    return Repeats(whole, tuple(jobs))


def _folder(project, profile, seeds):
    return project.runs(profile) / f"seeds-{seeds}"


def run_seeds(
    repeats: list[Repeats],
    *,
    workers: int = 1,
    executor: concurrent.futures.Executor | None = None,
    force: bool = False,
    cell_timeout: int | None = None,
) -> list[Outcome]:
    """Run all seeds that have not been run, and write the aggregate of each notebook.

    A notebook that fails with any seed gets no new aggregate; an earlier one stays. The next call
    continues with the seeds that are missing.

    Args:
        repeats: From `plan_seeds`.
        workers: Jobs at a time on this machine.
        executor: As in `blogkit.runner.run.run`.
        force: Also run seeds that have not changed.
        cell_timeout: As in `blogkit.runner.run.run`.

    Returns:
        One outcome for each notebook, in the order of `repeats`.
    """
    jobs = [job for one in repeats for job in one.jobs]
    how = dict(workers=workers, executor=executor, force=force, cell_timeout=cell_timeout)
    outcomes = iter(run(jobs, **how))
    return [_finish(one, [next(outcomes) for _ in one.jobs]) for one in repeats]


def _finish(repeats, outcomes):
    """The outcome of one notebook; if all seeds have succeeded, its aggregate is in place."""
    seconds = sum(outcome.seconds for outcome in outcomes)
    failed = [outcome.name for outcome in outcomes if outcome.status == "failed"]
    if failed:
        return Outcome(repeats.whole.name, "failed", seconds, f"failed: {', '.join(failed)}")
    ran = any(outcome.status == "ran" for outcome in outcomes)
    try:
        if ran or not repeats.is_done:
            _write(repeats)
    except (ValueError, OSError) as error:
        text = f"{repeats.whole.name}: no claims over all seeds. {type(error).__name__}: {error}"
        print(text, flush=True)  # each seed has its line already; this is not about one of them
        return Outcome(repeats.whole.name, "failed", seconds, text)
    return Outcome(repeats.whole.name, "ran" if ran else "skipped", seconds)


def _write(repeats):
    results = {job.seed: job.read_result() for job in repeats.jobs}
    whole = _aggregate_results(results) | {
        "fingerprint": repeats.whole.fingerprint,
        "results": repeats.results,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False)
    write_atomically(repeats.whole.result, text + "\n")


def _aggregate_results(by_seed):
    seeds, results = list(by_seed), list(by_seed.values())
    first = results[0]
    runs = [[Claim.from_dict(fields) for fields in result["claims"]] for result in results]
    seconds = [result["seconds"] for result in results]
    return first | {
        "parameters": {name: v for name, v in first["parameters"].items() if name != PARAMETER},
        "seeds": seeds,
        "claims": [claim.to_dict() for claim in aggregate(runs)],
        "measured": _measured(results),
        "started": min(result["started"] for result in results),
        "seconds": round(sum(seconds), 1),
        "seconds_by_seed": seconds,
        "environment": first["environment"] | _peaks(results),
        "differences": _differences(results),
    }


def _measured(results):
    """The mean over runs of each measurement that the first has, and its values."""
    merged = []
    for entry in results[0]["measured"]:
        values = [
            other["value"]
            for result in results
            for other in result["measured"]
            if (other["name"], other["unit"]) == (entry["name"], entry["unit"])
        ]
        merged.append(entry | {"value": float(f"{sum(values) / len(values):.4g}"), "values": values})
    return merged


def _peaks(results):
    """The largest peak memory of all runs, as far as it is known."""
    known = {name: [result["environment"].get(name) for result in results] for name in PEAKS}
    return {name: max((peak for peak in peaks if peak), default=None) for name, peaks in known.items()}


def _differences(results):
    """Dotted name to one value for each run, of what is not the same in all of them."""
    described = [_described(result) for result in results]
    names = dict.fromkeys(name for one in described for name in one)
    values = {name: [one.get(name) for one in described] for name in names}
    return {name: found for name, found in values.items() if any(value != found[0] for value in found)}


def _described(result):
    """Environment, data and size of the model of one run, flat."""
    environment = {name: v for name, v in result["environment"].items() if name not in PEAKS}
    data = {entry["name"]: entry["parts"] for entry in result.get("data", [])}
    size = result["trainable_parameters"]
    return dict(_flat({"environment": environment, "data": data, "trainable_parameters": size}))


def _flat(tree, prefix=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
