"""`python -m blogkit record`: keep what a finished run has found beside the notebooks."""

import ast
import contextlib
import dataclasses
import datetime
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat

from blogkit.report import Claim, environment
from blogkit.report.record import Record, RecordedFigure, read_record
from blogkit.runner.fingerprint import fingerprint, sources
from blogkit.runner.job import Job, Outcome
from blogkit.runner.parameters import parameters_of
from blogkit.runner.project import Project, UsageError
from blogkit.runner.record_figures import recorded_figures
from blogkit.runner.record_files import finish, replace_record
from blogkit.runner.run import MOST_FAILURES, plan, run

# What a device calls itself besides its model: makers, families, memory and plugs.
NOT_A_MODEL = re.compile(
    r"nvidia|amd|intel|tesla|geforce|quadro|instinct|radeon|graphics|generation|corporation|laptop|gpu"
    r"|\d+gb|hbm\d\w*|sxm\d?|pcie|nvl"
)
FROM_ENVIRONMENT = (
    "python",
    "system",
    "versions",
    "backend",
    "device",
    "cores",
    "peak_memory_mb",
    "peak_device_memory_mb",
)


def record(
    project: Project,
    notebooks: list[Path],
    profile: str,
    backend: str,
    seeds: int = 1,
    from_runs: bool = False,
    overrides: Sequence[tuple[str, str]] = (),
    label: str = "",
) -> int:
    """Run `notebooks` unless they have not changed, write a record of each, and say so in one line each.

    Args:
        project: The clone.
        notebooks: Of the clone.
        profile: Profile whose parameters they get.
        backend: Keras backend.
        seeds: Number of seeds over which the claims are computed.
        from_runs: Take what is in `runs/<profile>/`, made on another machine perhaps, and run nothing.
        overrides: Names and texts of parameters that replace the profile's, such as another data set.
        label: Word in the name of the record, for several records of one profile; "" for none.

    Returns:
        Number of notebooks without a new record. Their old records stay as they were.

    Raises:
        UsageError: If an argument is invalid.
    """
    if seeds < 1:
        raise UsageError(f"--seeds takes a positive number. Received: {seeds}.")
    if label and not re.fullmatch("[a-z0-9]+", label):
        raise UsageError(f"--label takes a word of small letters and digits. Received: {label!r}.")
    runs, execute = planned(project, notebooks, profile, backend, seeds, overrides)
    if project.records.is_dir():
        finish(project.records)
    outcomes = [] if from_runs else execute()
    failed = {outcome.name for outcome in outcomes if outcome.status == "failed"}
    for one in runs:
        name = one.whole.name
        if name in failed:
            continue
        try:
            found, pictures = made_from(one, project, profile, label)
            _check_overrides(project.records, found)
            path = replace_record(project.records, found, pictures)
        except UsageError as error:
            failed.add(name)
            print(f"{name}: not recorded: {error}")
        else:
            figures = "1 figure" if len(pictures) == 1 else f"{len(pictures)} figures"
            print(f"{name}: recorded in {path.relative_to(project.root)}, {figures}")
    return min(len(failed), MOST_FAILURES)


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """A run to record.

    Args:
        whole: The job whose result file is recorded.
        first: The job whose executed notebook has the figures: that of the first seed.
        overrides: Values that replace those of the profile.
    """

    whole: Job
    first: Job
    overrides: dict


def planned(
    project: Project,
    notebooks: list[Path],
    profile: str,
    backend: str,
    seeds: int,
    overrides: Sequence[tuple[str, str]] = (),
) -> tuple[list[PlannedRun], Callable[[], list[Outcome]]]:
    """The runs of `notebooks`, and the function that executes those that have changed."""
    if seeds == 1:
        jobs = plan(project, notebooks, profile, overrides, backend)
        return [_planned(job, job, overrides) for job in jobs], lambda: run(jobs)
    from blogkit.runner.seeds import plan_seeds, run_seeds

    repeats = plan_seeds(project, notebooks, profile, overrides, backend, seeds)
    return [_planned(one.whole, one.jobs[0], overrides) for one in repeats], lambda: run_seeds(repeats)


def _planned(whole, first, overrides):
    return PlannedRun(whole, first, {name: whole.parameters[name] for name, _ in overrides})


def made_from(run: PlannedRun, project: Project, profile: str, label: str = "") -> tuple[Record, list[bytes]]:
    """The record of a run that has finished, and the PNG of each of its figures.

    Raises:
        UsageError: If it has not finished, if the notebook or the profile is another one today,
            or if a figure cannot be recorded.
    """
    result, first = run.whole.read_result(), run.first.read_result()
    if result is None or first is None or not run.first.executed.exists():
        raise UsageError(
            f"no finished run in {run.whole.folder.relative_to(project.root)}; `python -m blogkit record` "
            "without --from-runs makes one."
        )
    try:
        _check_parameters(run.whole, result["parameters"], profile)
        executed = nbformat.read(run.first.executed, as_version=4)
        figures = recorded_figures(run.whole.notebook, executed)
        return _record(run, result, _commit(run.first, first, project), profile, label, figures)
    except (KeyError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"its result file is of another version of blogkit ({reason}); run it again."
        ) from error


def _check_parameters(job, parameters, profile):
    """Whether the run had the values that the notebook and the profile have today."""
    declared = {name: ast.literal_eval(found.default) for name, found in parameters_of(job.notebook).items()}
    for name, value in (declared | job.parameters).items():
        there = parameters.get(name, value)
        if there != value:
            raise UsageError(
                f"the finished run has {name}={there!r}; with profile {profile!r} it is {value!r}; "
                "run it again."
            )


def _check_overrides(folder, found):
    """Whether the record that `found` would replace is one of the same parameters."""
    path = folder / f"{found.name}.json"
    old = None
    with contextlib.suppress(ValueError):  # no record, or none that can be read
        old = read_record(path)
    if old and old.overrides != found.overrides:
        raise UsageError(
            f"{path.name} is of other parameters (`{old.command}`). "
            "To keep both, give this one a --label; to replace it, delete it and add --from-runs."
        )


def _commit(job, result, project):
    """The commit of the run; on a machine without git, that of this clone if its files are the same."""
    there = result["environment"]
    backend = there["backend"] or job.backend  # None where the notebook does without Keras
    digest = fingerprint(sources(job.notebook, job.parameters, backend, project.root, there["python"]))
    same = result["fingerprint"] == digest
    return there["commit"] or (environment()["commit"] if same else None)


def _record(run, result, commit, profile, label, figures):
    there = result["environment"]
    own = [seed for name, seed in result["parameters"].items() if name == "seed"]
    started = datetime.datetime.fromisoformat(result["started"]).astimezone(datetime.UTC)
    made = Record(
        notebook=run.whole.name,
        profile=profile,
        label=label,
        overrides=run.overrides,
        slug=device_slug(there["device"], there["processor"]),
        article=result["article"],
        parameters=result["parameters"],
        claims=tuple(Claim.from_dict(fields) for fields in result["claims"]),
        data=result["data"],
        seeds=result.get("seeds", own),
        figures=(),
        measured=result["measured"],
        trainable_parameters=result["trainable_parameters"],
        commit=commit,
        date=f"{started:%Y-%m-%d}",
        seconds=result["seconds"],
        resumed=result.get("resumed", False),
        **{name: there[name] for name in FROM_ENVIRONMENT},
    )
    named = tuple(
        RecordedFigure(file=f"{made.name}.{number}.png", sha256=hashlib.sha256(png).hexdigest(), **shown)
        for number, (png, shown) in enumerate(figures, 1)
    )
    return dataclasses.replace(made, figures=named), [png for png, _ in figures]


def device_slug(device: str | None, processor: str | None) -> str:
    """The device in the name of a record: `cpu`, or the model of the accelerator.

    >>> [device_slug(name, "AMD EPYC 9B14") for name in ("AMD EPYC 9B14", "NVIDIA H100 80GB HBM3", "TPU v4")]
    ['cpu', 'h100', 'tpu-v4']
    """
    if not device or device == processor:
        return "cpu"
    words = re.findall(r"[a-z0-9]+", device.lower())
    return "-".join([word for word in words if not NOT_A_MODEL.fullmatch(word)] or words)
