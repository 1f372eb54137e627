"""The commands of `python -m blogkit`, one module each.

A module has `HELP`, `add_arguments(parser)` and `run(project, options) -> exit code`. It imports what it
needs inside `run`, so that `--help` and usage errors answer at once.
"""

from blogkit.runner.commands import bundle, check, compare, record, refresh, report, run

COMMANDS = {
    "run": run,
    "record": record,
    "compare": compare,
    "refresh": refresh,
    "check": check,
    "report": report,
    "bundle": bundle,
}
