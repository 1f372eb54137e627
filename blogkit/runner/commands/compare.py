"""`python -m blogkit compare`: two runs claim by claim."""

import argparse
from pathlib import Path

from blogkit.runner import compare
from blogkit.runner.commands import arguments

HELP = "compare two runs claim by claim"


def add_arguments(parser):
    """What `compare` takes; its rules are those of `blogkit.runner.compare`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = compare.__doc__
    for side in ("a", "b"):
        parser.add_argument(side, metavar=side.upper(), help=arguments.SIDE)
    arguments.add_names(parser)
    parser.add_argument("--json", metavar="FILE", help="write the comparison as JSON; - for stdout")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page")
    parser.add_argument(
        "--crate",
        type=Path,
        metavar="OUT",
        help="write both runs and the comparison as an RO-Crate, a new folder",
    )


def run(project, options):
    """Print the comparison; the exit code is 1 for a difference without cause."""
    from blogkit.runner.compare.command import run_compare

    return run_compare(project, options)
