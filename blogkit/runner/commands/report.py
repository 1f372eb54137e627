"""`python -m blogkit report`: one HTML page of claims, records and notebooks."""

from pathlib import Path

from blogkit.runner.commands import arguments
from blogkit.runner.project import UsageError

HELP = "write one HTML page of claims and notebooks"
COMMITTED = "default"  # the profile of the committed outputs


def add_arguments(parser):
    """What `report` takes."""
    arguments.add_names(parser)
    arguments.add_profile(parser)
    parser.add_argument("--output", type=Path, metavar="FILE", help="default runs/report.html")
    parser.add_argument(
        "--compare", nargs=2, metavar=("A", "B"), help="add a comparison, as `compare` makes it"
    )


def run(project, options):
    """Write the page and print its path, and which notebooks have not run with the profile."""
    from blogkit.runner.compare.comparison import compare
    from blogkit.runner.page import write_page

    project.check_profile(options.profile)
    entries = _entries(project, options)
    comparison = compare(*options.compare, project, options.names) if options.compare else None
    path = options.output or project.root / "runs" / "report.html"
    try:
        print(write_page(entries, path, comparison))
    except ValueError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"cannot write {path}: {reason}. --output FILE names another place.") from error
    missing = [entry.notebook.stem for entry in entries if entry.lacks]
    if missing:
        print(f"Without a run of profile {options.profile!r}, shown as committed: {', '.join(missing)}.")
    return 0


def _entries(project, options):
    """What the page shows. The committed outputs are of one profile: they stand in for another only if said.

    Raises:
        UsageError: If no notebook has run with the profile.
    """
    from blogkit.runner.page import Entry

    asked = "" if options.profile == COMMITTED else options.profile
    entries = []
    for path in project.select(options.names):
        notebook, result = project.latest(path, options.profile)
        lacks = asked if result is None else ""
        entries.append(Entry(notebook, result, records=project.records, lacks=lacks))
    if all(entry.lacks for entry in entries):
        raise UsageError(
            f"no finished run with profile {asked!r} in {project.runs(asked)}. "
            f"`python -m blogkit run --profile {asked}` makes one; without --profile the page shows the "
            "default runs or the committed outputs."
        )
    return entries
