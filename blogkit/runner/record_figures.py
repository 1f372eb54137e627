"""The figures of an executed notebook that a record keeps: those of the cells tagged `record`."""

import base64
from pathlib import Path

import nbformat

from blogkit.report.record import LARGEST_PNG
from blogkit.runner.check_records import RECORD
from blogkit.runner.kernel_client import headings
from blogkit.runner.project import UsageError

INJECTED = "injected-parameters"  # papermill's tag of the cell that it adds


def recorded_figures(notebook: Path, executed: nbformat.NotebookNode) -> list[tuple[bytes, dict]]:
    """The PNG and the `alt`, `caption`, `width` and `height` of each figure of cells tagged `record`.

    The tags are those of `notebook`: a figure can be left out of a run that has finished. The
    caption is the one in the figure's metadata, else the heading above it.

    Raises:
        UsageError: If `executed` has other code, or a figure is missing, too large or not
            described; names the cell.
    """
    today = nbformat.read(notebook, as_version=4).cells
    cells = [cell for cell in executed.cells if INJECTED not in cell.metadata.get("tags", ())]
    above = {id(cell): heading for cell, heading in zip(cells, headings(cells))}
    code = [cell for cell in cells if cell.cell_type == "code"]
    numbered = [(number, cell) for number, cell in enumerate(today, 1) if cell.cell_type == "code"]
    if [cell.source for cell in code] != [cell.source for _, cell in numbered]:
        raise UsageError("the code of the notebook has changed since that run; run it again.")
    found = []
    for (number, cell), there in zip(numbered, code):
        if RECORD not in cell.metadata.get("tags", ()):
            continue
        shown = [output for output in there.outputs if "image/png" in output.get("data", {})]
        if not shown:
            raise UsageError(
                f"cell {number} is tagged {RECORD!r} and shows no PNG figure; show one with "
                "`report.figure`, or remove the tag and add --from-runs."
            )
        found += [_figure(output, number, above[id(there)]) for output in shown]
    return found


def _figure(output, number, heading):
    png = base64.b64decode(output.data["image/png"])
    known = output.metadata.get("image/png", {})
    if len(png) > LARGEST_PNG:
        raise UsageError(
            f"the figure of cell {number} has {len(png):,} bytes, more than {LARGEST_PNG:,}; draw a simpler "
            f"or smaller one, or remove the tag {RECORD!r} and add --from-runs."
        )
    if not known.get("alt", "").strip():
        raise UsageError(
            f"the figure of cell {number} has no alternative text; show it with "
            f"`report.figure(figure, alt=...)`, or remove the tag {RECORD!r} and add --from-runs."
        )
    return png, {
        "alt": known["alt"],
        "caption": known.get("caption") or heading,
        "width": known.get("width"),
        "height": known.get("height"),
    }
