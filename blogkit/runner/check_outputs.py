"""Lint rules for the outputs of a notebook: errors, machine paths, sizes, figures and claims."""

import json
import re

from blogkit.report.verdicts import BAD
from blogkit.runner.shown_claims import shown_claims

LARGEST_NOTEBOOK = 1_000_000  # bytes; GitHub shows no preview of much larger ones
LARGEST_IMAGE = 150_000
MACHINE_PATH = re.compile(r"(?:(?<![\w.:/~-])|file://)/(?:home|root|work|tmp|Users)/|\b[A-Za-z]:\\+Users\b")


def _ends_without_error_or_warning(notebook, path):
    for number, output in _outputs(notebook):
        if output.output_type == "error":
            yield f"cell {number}: failed with {output.ename}; correct it and refresh the notebook"
        elif output.get("name") == "stderr":
            line = next(iter(output.text.strip().splitlines()), "")
            yield f"cell {number}: writes to stderr ({line[:60]!r}); silence its cause"


def _names_no_path_of_one_machine(notebook, path):
    for number, text in _texts(notebook):
        found = MACHINE_PATH.search(text)
        if found:
            place = text[found.start() : found.start() + 40].split()[0]
            yield f"cell {number}: names {place!r}, a path on one machine; show a relative path or the name"


def _is_small(notebook, path):
    size = path.stat().st_size
    if size >= LARGEST_NOTEBOOK:
        yield f"notebook: {size:,} bytes; keep it below {LARGEST_NOTEBOOK:,} with fewer or smaller outputs"
    for number, kind, output in _images(notebook):
        data = output.data[kind]
        size = len(data.encode()) if kind == "image/svg+xml" else len(data) * 3 // 4  # base64
        if size >= LARGEST_IMAGE:
            yield f"cell {number}: a figure of {size:,} bytes; keep it below {LARGEST_IMAGE:,}"


def _figures_are_described(notebook, path):
    figures = set()
    for number, kind, output in _images(notebook):
        figures.add(number)
        if not output.metadata.get(kind, {}).get("alt", "").strip():
            remedy = "show it with `report.figure(figure, alt=...)`"
            yield f"cell {number}: a figure without alternative text; {remedy}"
    for number in sorted(figures):
        following = notebook.cells[number : number + 1]  # `number` counts from 1
        if not following or following[0].cell_type != "markdown":
            yield f"cell {number}: no text after the figure; add a cell that says what was seen"


def _claims_are_those_announced(notebook, path):
    bundles = shown_claims(notebook)
    if not bundles:
        yield "notebook: no cell shows the claims; end one with `report`"
        return
    recorded = [claim["id"] for claim in bundles[-1]["claims"]]
    expected = [f"C{number}" for number in range(1, len(recorded) + 1)]
    if recorded != expected:
        yield f"notebook: the claims are {_listed(recorded)}; number them {_listed(expected)}"
    announced = set(re.findall(r"(?<![A-Za-z0-9_])C[1-9]\d*(?![A-Za-z0-9_])", _opening(notebook)))
    for claim in recorded:
        if claim not in announced:
            yield f"notebook: {claim} is recorded but not announced; state it before the first code cell"
    for claim in sorted(announced - set(recorded), key=lambda c: (len(c), c)):
        yield f"notebook: {claim} is announced but not recorded; call `report.claim({claim!r}, ...)`"


def _a_claim_that_does_not_hold_says_why(notebook, path):
    for bundle in shown_claims(notebook)[-1:]:
        for claim in bundle["claims"]:
            if claim.get("verdict") in BAD and not claim.get("differs"):
                place = f"notebook: {claim['id']} is {claim['verdict']!r} without a reason"
                yield f"{place}; find out why and say it in `differs`"


def _shows_no_stray_claim(notebook, path):
    for number, output in _outputs(notebook):
        if str(output.get("data", {}).get("text/plain", "")).startswith("Claim("):
            yield f"cell {number}: shows the code of a claim; end the cell with `;` or another expression"


def _opening(notebook):
    """The text before the first code cell."""
    sources = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            break
        sources.append(cell.source)
    return "\n".join(sources)


def _listed(ids):
    return ", ".join(ids) or "none"


def _outputs(notebook):
    """(cell number, output) of every output."""
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", ()):
            yield number, output


def _images(notebook):
    """(cell number, kind, output) of every output that a reader sees as an image."""
    for number, output in _outputs(notebook):
        for kind in output.get("data", {}):
            if kind.startswith("image/"):
                yield number, kind, output


def _texts(notebook):
    """(cell number, text) of every source and every output that is not an image."""
    for number, cell in enumerate(notebook.cells, 1):
        yield number, cell.source
    for number, output in _outputs(notebook):
        yield number, output.get("text", "")
        yield number, "\n".join(output.get("traceback", ()))
        for kind, data in output.get("data", {}).items():
            if not kind.startswith("image/"):
                yield number, data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


OUTPUT_RULES = (
    _ends_without_error_or_warning,
    _names_no_path_of_one_machine,
    _is_small,
    _figures_are_described,
    _claims_are_those_announced,
    _a_claim_that_does_not_hold_says_why,
    _shows_no_stray_claim,
)
