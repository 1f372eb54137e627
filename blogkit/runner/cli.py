"""The command line of `python -m blogkit`."""

import argparse
import contextlib
import sys
from pathlib import Path

from blogkit.extras import import_extra, install_command
from blogkit.runner.project import Project, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is the number of failures, 2 for bad usage."""
    options = None
    try:
        options = _parser().parse_args(arguments)
        project = Project(options.root.resolve()) if options.root else Project.default()
        return options.command(project, options)
    except UsageError as error:
        print(f"blogkit: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:  # a core installation has no notebook tools
        if options is None or (error.name or "blogkit").partition(".")[0] == "blogkit":
            raise
        needs = f"`python -m blogkit {options.name}` needs {error.name}"
        print(f"blogkit: {needs}. {install_command('notebooks')}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "blogkit: interrupted. Finished notebooks are kept; the next run continues with the others.",
            file=sys.stderr,
        )
        return 130


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line."""

    def error(self, message):
        raise UsageError(f"{message}. `{self.prog} --help` shows what there is.")


def _parser():
    parser = _Parser(prog="python -m blogkit", description=__doc__)
    _add_root(parser, default=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _command(commands, "run", _run, "execute notebooks and print all claims")
    run.add_argument("--profile", default="default", help="smoke, default or paper")
    run.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        dest="parameters",
        help="set a parameter; may be repeated",
    )
    run.add_argument("--backend", help="tensorflow, jax or torch; default $KERAS_BACKEND")
    run.add_argument("--jobs", type=int, default=1, metavar="N", help="notebooks at a time")
    run.add_argument("--scheduler", metavar="ADDRESS", help="run on a Dask cluster")
    run.add_argument("--force", action="store_true", help="run also what has not changed")
    run.add_argument("--list", action="store_true", help="show notebooks, parameters and profiles")

    _command(commands, "refresh", _refresh, "re-execute in place: the committed outputs")
    _command(commands, "check", _check, "lint notebooks")
    report = _command(commands, "report", _report, "write one HTML page of claims and notebooks")
    report.add_argument("--profile", default="default", help="profile whose runs are shown")
    report.add_argument("--output", type=Path, metavar="FILE", help="default runs/report.html")
    return parser


def _command(commands, name, function, help):
    command = commands.add_parser(name, help=help, description=help)
    command.add_argument("names", nargs="*", metavar="NAME", help="08, a full name or a path; default all")
    _add_root(command, default=argparse.SUPPRESS)  # keeps what was given before the command
    command.set_defaults(command=function, name=name)
    return command


def _add_root(parser, default):
    parser.add_argument(
        "--root", type=Path, metavar="CLONE", default=default, help="folder that holds notebooks/"
    )


# Each command imports what it needs, so that `--help` and usage errors answer at once.


def _run(project, options):
    from blogkit.runner.run import choose_backend, failures, plan, run, summary

    notebooks = project.select(options.names)
    if options.list:
        _list(project, notebooks)
        return 0
    if options.jobs < 1:
        raise UsageError(f"--jobs takes a positive number. Received: {options.jobs}.")
    backend = choose_backend(options.backend)
    jobs = plan(project, notebooks, options.profile, options.parameters, backend)
    with _executor(options.scheduler) as executor:
        outcomes = run(jobs, workers=options.jobs, executor=executor, force=options.force)
    print(summary(jobs, outcomes))
    return failures(outcomes)


@contextlib.contextmanager
def _executor(scheduler):
    if scheduler is None:
        yield None
        return
    try:
        distributed = import_extra("distributed", needed_by="--scheduler")
    except ModuleNotFoundError as error:
        raise UsageError(str(error)) from error
    try:
        client = distributed.Client(scheduler, timeout="20s")
    except (OSError, ValueError) as error:
        raise UsageError(f"no Dask scheduler answers at {scheduler!r}: {error}") from error
    with client:
        yield client.get_executor()


def _list(project, notebooks):
    from blogkit.runner.parameters import parameters_of

    print(f"Profiles: {', '.join(project.profiles())}")
    for path in notebooks:
        print(f"\n{path.stem}")
        for parameter in parameters_of(path).values():
            value = f"{parameter.name}: {parameter.type} = {parameter.default}"
            print(f"  {value:<36}  {parameter.help}")


def _refresh(project, options):
    from blogkit.runner.refresh import BACKEND, refresh
    from blogkit.runner.run import choose_backend, failures

    choose_backend(BACKEND)
    return failures(refresh(project.select(options.names), project.runs("refresh")))


def _check(project, options):
    from blogkit.runner.check import check_notebook

    failed = 0
    for path in project.select(options.names):
        faults = check_notebook(path)
        failed += bool(faults)
        print(f"{path.stem}: {'ok' if not faults else f'{len(faults)} faults'}")
        for fault in faults:
            print(f"    {fault}")
    return failed


def _report(project, options):
    from blogkit.runner.page import Entry, write_page

    project.check_profile(options.profile)
    entries = [Entry(*project.latest(path, options.profile)) for path in project.select(options.names)]
    try:
        print(write_page(entries, options.output or project.root / "runs" / "report.html"))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return 0
