"""Lint rules for recorded runs: their files, and the cells whose figures they take."""

from collections.abc import Collection
from pathlib import Path

import nbformat

from blogkit.report.record import FOLDER, figure_bytes, files_of, read_record, strays
from blogkit.runner.parameters import parameters_of
from blogkit.runner.project import UsageError
from blogkit.runner.record_files import half_replaced
from blogkit.runner.shown_claims import shown_claims

RECORD = "record"  # the tag of a cell whose figures are recorded


def record_faults(notebook: Path) -> list[str]:
    """The faults of the records of `notebook`, one line each."""
    folder = notebook.parent / FOLDER
    found = files_of(folder, notebook.stem)
    faults, known = [], set()
    for path in (path for path in found if path.suffix == ".json"):
        known.add(path.name)
        try:
            record = read_record(path)
        except ValueError as error:
            faults.append(str(error))
            known |= {other.name for other in found if other.name.startswith(f"{path.stem}.")}
            continue
        known |= {figure.file for figure in record.figures}
        faults += _figure_faults(folder, record)
    faults += [f"{path.name}: belongs to no record; delete it" for path in found if path.name not in known]
    for name in half_replaced(folder, notebook.stem):
        remedy = "record the same run again, which finishes it without running"
        faults.append(f"record {name}: its replacement was interrupted; {remedy}")
    return faults


def _figure_faults(folder, record):
    for figure in record.figures:
        try:
            figure_bytes(folder, record, figure)
        except ValueError as error:
            yield str(error)


def records_without_notebook(folder: Path, notebooks: Collection[Path]) -> list[str]:
    """One line for each file in `folder`, that of the records, which belongs to none of `notebooks`."""
    remedy = "rename it with its notebook and record again, or delete it"
    names = [notebook.stem for notebook in notebooks]
    return [f"{path.name}: a record without notebook; {remedy}" for path in strays(folder, names)]


def old_records(notebook: Path) -> list[str]:
    """One line for each valid record of `notebook` with parameters or claims that it no longer has.

    Such a record is no fault: it is shown, and marked as old.
    """
    paths = [path for path in files_of(notebook.parent / FOLDER, notebook.stem) if path.suffix == ".json"]
    try:
        parameters, claims = (parameters_of(notebook), _claim_ids(notebook)) if paths else ({}, None)
    except UsageError:  # not a notebook: a fault
        return []
    lines = []
    for path in paths:
        try:
            record = read_record(path)
        except ValueError:  # a fault, too
            continue
        gone = record.missing(parameters, claims)
        if gone:
            remedy = f"`{record.command}` makes a new one"
            lines.append(f"record {record.name}: of an older notebook ({gone} dropped since); {remedy}")
    return lines


def _claim_ids(notebook):
    """Ids among the committed outputs; None if there are none."""
    bundles = shown_claims(nbformat.read(notebook, as_version=4))
    return [claim["id"] for claim in bundles[-1]["claims"]] if bundles else None


def recorded_cells_show_figures(notebook, path):
    """A rule: a figure that is missing would be noticed only after a long run."""
    for number, cell in enumerate(notebook.cells, 1):
        if RECORD not in cell.metadata.get("tags", ()):
            continue
        if not any("image/png" in output.get("data", {}) for output in cell.get("outputs", ())):
            remedy = "tag a cell that shows one with `report.figure`"
            yield f"cell {number}: tagged {RECORD!r} but shows no PNG figure; {remedy}"


RECORD_RULES = (recorded_cells_show_figures,)
