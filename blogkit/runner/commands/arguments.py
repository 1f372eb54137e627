"""Arguments that several commands share, worded once."""

import argparse

from blogkit.runner.backends import choose_backend
from blogkit.runner.project import COMMITTED, Project, UsageError, check_side

SIDE = "a result file, a folder, a notebook or `committed`"


def check(project: Project, options: argparse.Namespace) -> None:
    """Check what every command may be given, before a command imports what it works with.

    Raises:
        UsageError: If a notebook, profile, parameter, backend or side of a comparison is unknown, or a
            number or the value of a parameter is out of its range.
    """
    given = vars(options)
    sides = [given[name] for name in ("a", "b") if name in given]
    for side in sides + (given.get("compare") or []):
        check_side(side)
    for name in ("jobs", "seeds", "cell_timeout"):
        if given.get(name) is not None and given[name] < 1:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} takes a positive number. Received: {given[name]}.")
    if "names" in given and (not sides or COMMITTED in sides):  # two folders may hold other notebooks
        notebooks = project.select(given["names"])
        if "profile" in given:
            from blogkit.runner.parameters import resolve

            resolve(notebooks, project, given["profile"], given.get("parameters", ()))
    if given.get("installed") and not given.get("list"):
        choose_backend(given["backend"])


def add_names(parser: argparse.ArgumentParser) -> None:
    """Which notebooks; all by default."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="08, a full name or a path; default all")


def add_profile(parser: argparse.ArgumentParser, default: str = "default") -> None:
    """The sizes: a file of notebooks/profiles."""
    parser.add_argument(
        "--profile", default=default, help=f"smoke, default, evening, gpu or paper; {default}"
    )


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Values that replace those of the profile."""
    parser.add_argument(
        "-p",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        dest="parameters",
        help="set a parameter; may be repeated",
    )


def add_backend(parser: argparse.ArgumentParser, installed: bool = True) -> None:
    """The backend of the kernels, which must be `installed` here or may be that of another machine."""
    parser.set_defaults(installed=installed)
    parser.add_argument("--backend", help="tensorflow, jax or torch; default $KERAS_BACKEND")
