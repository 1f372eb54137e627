"""`python -m blogkit check` on records: faults by name, old records shown, no record without notebook."""

import os

import nbformat
import pytest
from example_record import PNG, write
from nbformat.v4 import new_output

from blogkit.report import CLAIMS_MIME
from blogkit.runner.check_records import (
    old_records,
    record_faults,
    recorded_cells_show_figures,
    records_without_notebook,
)


@pytest.fixture
def notebook(clone):
    return clone.add("01_one")


@pytest.fixture
def records(clone):
    return clone.root / "notebooks" / "records"


def edit(path):
    path.write_text(path.read_text(encoding="utf-8").replace("93.1", "97.1"), encoding="utf-8")


def test_no_records_and_records_in_order_have_no_fault(notebook, records):
    assert record_faults(notebook) == [] and old_records(notebook) == []
    write(records)
    write(records, profile="gpu", slug="h200")
    assert record_faults(notebook) == [] and old_records(notebook) == []
    assert records_without_notebook(records, [notebook]) == []


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda folder: edit(folder / "01_one.evening.cpu.json"), "cpu.json: it was edited by hand"),
        (
            lambda folder: os.remove(folder / "01_one.evening.cpu.1.png"),
            "cpu: 01_one.evening.cpu.1.png is missing",
        ),
        (
            lambda folder: (folder / "01_one.evening.cpu.1.png").write_bytes(b"x"),
            "is not the recorded figure",
        ),
        (lambda folder: write(folder, [PNG.ljust(150_001)]), "has 150,001 bytes, more than 150,000"),
        (
            lambda folder: (folder / "01_one.evening.cpu.3.png").touch(),
            "3.png: belongs to no record; delete it",
        ),
        (lambda folder: (folder / "01_one.json").touch(), "01_one.json: "),
        (
            lambda folder: (folder / ".01_one.evening.cpu.ready").mkdir(),
            "record 01_one.evening.cpu: its replacement was interrupted; record the same run again",
        ),
    ],
)
def test_names_the_fault_and_only_it(notebook, records, change, said):
    write(records)
    change(records)
    (fault,) = record_faults(notebook)
    assert said in fault and "\n" not in fault and ";" in fault


def test_a_record_of_an_older_notebook_is_no_fault_but_shown(notebook, records):
    write(records, parameters={"seed": 0, "speed": 1, "power": 2})
    assert record_faults(notebook) == []
    (line,) = old_records(notebook)
    assert line == (
        "record 01_one.evening.cpu: of an older notebook (parameters speed, power dropped since); "
        "`python -m blogkit record 01 --profile evening --seeds 3` makes a new one"
    )


def test_claims_that_are_gone_make_a_record_old(notebook, records):
    write(records)
    content = nbformat.read(notebook, as_version=4)
    bundle = {CLAIMS_MIME: {"claims": [{"id": "C1"}]}}
    content.cells[-1].outputs.append(new_output("display_data", bundle))
    nbformat.write(content, notebook)
    (line,) = old_records(notebook)
    assert "(claim C2 dropped since)" in line


def test_a_record_without_notebook_is_a_fault_of_check(clone, blogkit, records):
    write(records, notebook="02_two")
    clone.add("03_three")
    code, out, _ = blogkit("check")
    assert code == 2  # the notebook, and the records
    lines = [line for line in out.splitlines() if line.startswith("records: ")]
    assert len(lines) == 3 and all("a record without notebook; rename it" in line for line in lines)
    clone.add("02_two")
    assert "records: " not in blogkit("check")[1]


def test_check_shows_faults_and_old_records(notebook, records, blogkit):
    write(records, parameters={"speed": 1})
    edit(write(records, profile="paper"))
    out = blogkit("check", "01")[1]
    assert "    record 01_one.paper.cpu.json: it was edited by hand" in out
    assert "    note: record 01_one.evening.cpu: of an older notebook (parameter speed dropped" in out


def test_check_survives_a_file_that_is_no_notebook(notebook, records, blogkit):
    write(records)
    notebook.write_text("{")
    code, out, err = blogkit("check")
    assert (code, err) == (1, "") and "not JSON" in out and "note: " not in out


def test_a_cell_tagged_record_shows_a_figure(notebook):
    content = nbformat.read(notebook, as_version=4)
    cell = content.cells[2]
    cell.metadata["tags"] = ["record"]
    (fault,) = recorded_cells_show_figures(content, notebook)
    assert fault.startswith("cell 3: tagged 'record' but shows no PNG figure; ")
    cell.outputs.append(new_output("display_data", {"image/png": "AAAA"}))
    assert list(recorded_cells_show_figures(content, notebook)) == []
