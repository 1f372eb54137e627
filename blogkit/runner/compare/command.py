"""The command `compare`: prints the comparison and writes what its options ask for."""

import argparse
import json
import shutil
import sys
from pathlib import Path

from blogkit.report import write_atomically
from blogkit.report.tables import WIDTH
from blogkit.runner.compare.comparison import compare
from blogkit.runner.compare.text import text
from blogkit.runner.project import Project, UsageError


def run_compare(project: Project, options: argparse.Namespace) -> int:
    """Compare `options.a` with `options.b`; the exit code is that of the comparison.

    Raises:
        UsageError: If a side cannot be read, or a file cannot be written.
    """
    comparison = compare(options.a, options.b, project, options.names)
    if options.crate:
        from blogkit.runner.crate import write_crate

        write_crate(comparison, project, options.crate)
    if options.html:
        from blogkit.runner.compare.page import comparison_page

        _write(options.html, comparison_page(comparison))
    found = json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1) + "\n"
    if options.json == "-":
        sys.stdout.write(found)
        return comparison.exit_code
    if options.json:
        _write(Path(options.json), found)
    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    print(text(comparison, width))
    return comparison.exit_code


def _write(path, text):
    try:
        write_atomically(path, text)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error
