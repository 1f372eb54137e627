"""The command line of `python -m blogkit`."""

import argparse
import re
import sys
from pathlib import Path

from blogkit.extras import install_command
from blogkit.runner.commands import COMMANDS
from blogkit.runner.commands.arguments import check
from blogkit.runner.project import Project, UsageError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is the number of failures, 2 for bad usage."""
    options = None
    try:
        options = _parser().parse_args(arguments)
        project = Project(options.root.resolve()) if options.root else Project.default()
        check(project, options)
        return COMMANDS[options.command].run(project, options)
    except UsageError as error:
        print(f"blogkit: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:  # a core installation has no notebook tools
        if options is None or (error.name or "blogkit").partition(".")[0] == "blogkit":
            raise
        needs = f"`python -m blogkit {options.command}` needs {error.name}"
        print(f"blogkit: {needs}. {install_command('notebooks')}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "blogkit: interrupted. Finished notebooks are kept; the next run continues with the others.",
            file=sys.stderr,
        )
        return 130


class _Parser(argparse.ArgumentParser):
    """Reports a usage error in one line, and takes -1e-3 and -inf for values, which Python 3.14 does, too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._negative_number_matcher = re.compile(r"-(?:\.?\d|inf|nan)")

    def error(self, message):
        raise UsageError(f"{message}. `{self.prog} --help` shows what there is.")


def _parser():
    parser = _Parser(prog="python -m blogkit", description=__doc__)
    _add_root(parser, default=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        _add_root(command, default=argparse.SUPPRESS)  # keeps what was given before the command
    return parser


def _add_root(parser, default):
    parser.add_argument(
        "--root", type=Path, metavar="CLONE", default=default, help="folder that holds notebooks/"
    )
