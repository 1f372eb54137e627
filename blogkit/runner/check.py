"""Lint rules for notebooks: format, metadata, tags, parameters and order of execution.

A rule is a function of the notebook and its path. It yields one line for each
fault: the place, the fault and the remedy.
"""

import collections
import json
import textwrap
from pathlib import Path

import nbformat
from nbformat.validator import iter_validate

from blogkit.runner.check_outputs import OUTPUT_RULES
from blogkit.runner.check_ranges import PARAMETER_RULES, PARAMETERS
from blogkit.runner.check_records import RECORD, RECORD_RULES, record_faults
from blogkit.runner.check_text import TEXT_RULES

KEPT_NOTEBOOK_METADATA = ("kernelspec", "language_info")
KEPT_CELL_METADATA = ("tags",)
KEPT_LANGUAGE_INFO = {"name": "python"}
KERNEL = "python3"

VERDICT = "nbval-check-output"
HIDE_INPUT = "hide-input"
KNOWN_TAGS = (PARAMETERS, VERDICT, HIDE_INPUT, RECORD)


def check_notebook(path: Path) -> list[str]:
    """The faults of the notebook at `path` and of its records, one line each; an empty list if none."""
    text = path.read_text(encoding="utf-8")
    faults = list(_format_faults(text))
    if faults:
        return faults  # the rules rely on the format
    notebook = nbformat.v4.reads(text)
    return [fault for rule in RULES for fault in rule(notebook, path)] + record_faults(path)


def _format_faults(text):
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        yield f"notebook: not JSON ({error}); restore it or save it from JupyterLab"
        return
    for error in iter_validate(notebook, version=4, version_minor=5):
        where = "/".join(str(part) for part in error.absolute_path) or "notebook"
        reason = textwrap.shorten(error.message, 120)
        yield f"{where}: not nbformat 4.5 ({reason}); save it from JupyterLab"


def _notebook_metadata_is_kept_small(notebook, path):
    for name in sorted(set(notebook.metadata) - set(KEPT_NOTEBOOK_METADATA)):
        yield f"notebook: metadata {name!r} differs between runs or tools; refresh the notebook"
    if notebook.metadata.get("language_info") != KEPT_LANGUAGE_INFO:
        yield f"notebook: `language_info` is not just {KEPT_LANGUAGE_INFO}; refresh the notebook"
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != KERNEL:
        yield f"notebook: the kernel is {kernel!r}; choose {KERNEL!r}, which every environment has"


def _cell_metadata_is_kept_small(notebook, path):
    for number, cell in enumerate(notebook.cells, 1):
        for name in sorted(set(cell.metadata) - set(KEPT_CELL_METADATA)):
            yield f"cell {number}: metadata {name!r} differs between runs or tools; refresh the notebook"


def _ids_are_unique(notebook, path):
    cells_of = collections.defaultdict(list)
    for number, cell in enumerate(notebook.cells, 1):
        cells_of[cell.id].append(str(number))
    for id, numbers in cells_of.items():
        if len(numbers) > 1:
            yield f"cells {', '.join(numbers)}: share the id {id!r}; give each its own"


def _tags_are_known(notebook, path):
    for number, cell in enumerate(notebook.cells, 1):
        for tag in cell.metadata.get("tags", ()):
            if tag not in KNOWN_TAGS:
                yield f"cell {number}: unknown tag {tag!r}; the known ones are {', '.join(KNOWN_TAGS)}"
    if not _tagged(notebook, VERDICT):
        yield f"notebook: no cell is tagged {VERDICT!r}; tag the one that prints the verdicts"


def _was_executed_top_to_bottom(notebook, path):
    expected = 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        expected += 1
        if cell.execution_count is None:
            yield f"cell {number}: not executed; refresh the notebook, or remove an empty cell"
        elif cell.execution_count != expected:
            yield (
                f"cell {number}: executed as number {cell.execution_count} instead of {expected}, "
                "so not top to bottom in a fresh kernel; refresh the notebook"
            )


def _tagged(notebook, tag):
    """(number, cell) of each cell that carries `tag`."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells, 1)
        if tag in cell.metadata.get("tags", ())
    ]


RULES = (
    _notebook_metadata_is_kept_small,
    _cell_metadata_is_kept_small,
    _ids_are_unique,
    _tags_are_known,
    *PARAMETER_RULES,
    _was_executed_top_to_bottom,
    *OUTPUT_RULES,
    *RECORD_RULES,
    *TEXT_RULES,
)
