"""`report.records()` in a notebook: table, captions and figures, the same each time."""

import os

import pytest
from example_record import PNGS, record, write

from blogkit.report import Report
from blogkit.report.record_display import find_folder


@pytest.fixture
def report():
    return Report("01_one", article="https://kexue.fm/archives/6794", parameters={"seed": 0, "rate": 0.1})


@pytest.fixture
def shown(monkeypatch):
    """List of (data, metadata) of everything displayed."""
    displayed = []

    def display(data, raw, metadata=None):
        assert raw
        displayed.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    return displayed


def test_shows_the_table_then_each_figure_with_its_caption(report, shown, tmp_path):
    write(tmp_path)
    report.records(tmp_path)
    (table, _), *rest = shown
    assert "evening" in table["text/plain"] and "93.2 %" in table["text/html"]
    assert "older notebook" not in table["text/plain"]
    captions, figures = rest[::2], rest[1::2]
    assert [data["text/plain"] for data, _ in captions] == [
        f"Loss {number} & <steps> (evening, CPU, 2 cores, 2026-11-30)" for number in (1, 2)
    ]
    assert captions[0][0]["text/html"].startswith("<em>Loss 1 &amp; &lt;steps&gt; (evening")
    assert [data["image/png"] for data, _ in figures] == list(PNGS)
    assert figures[0][0]["text/plain"] == 'Figure: a "falling" curve 1'
    assert figures[0][1] == {"image/png": {"alt": 'a "falling" curve 1', "width": 40, "height": 30}}


def test_shows_the_same_each_time(report, shown, tmp_path):
    write(tmp_path)
    report.records(tmp_path)
    first = list(shown)
    shown.clear()
    report.records(tmp_path)
    assert shown == first


def test_figures_can_be_left_out(report, shown, tmp_path):
    write(tmp_path)
    report.records(tmp_path, figures=False)
    assert len(shown) == 1 and "text/html" in shown[0][0]


def test_without_a_record_one_line_gives_the_command(report, shown, tmp_path):
    write(tmp_path, notebook="02_two")
    report.records(tmp_path)
    text = "No recorded run yet. Make one with: python -m blogkit record 01 --profile evening"
    assert shown == [({"text/plain": text}, None)]


def test_a_record_edited_by_hand_is_an_error_and_nothing_is_shown(report, shown, tmp_path):
    path = write(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("93.1", "97.1"), encoding="utf-8")
    with pytest.raises(ValueError, match="01_one.evening.cpu.json: it was edited by hand"):
        report.records(tmp_path)
    assert shown == []


def test_a_figure_that_is_missing_is_an_error_and_nothing_is_shown(report, shown, tmp_path):
    write(tmp_path)
    os.remove(tmp_path / "01_one.evening.cpu.2.png")
    with pytest.raises(ValueError, match="01_one.evening.cpu.2.png is missing"):
        report.records(tmp_path)
    assert shown == []


def test_marks_a_record_with_parameters_that_are_gone(report, shown, tmp_path):
    write(tmp_path, parameters={"seed": 0, "speed": 1})
    report.records(tmp_path)
    assert "older notebook: parameter speed dropped since" in shown[0][0]["text/html"]


@pytest.mark.parametrize("place", ["records", "notebooks/records"])
def test_finds_the_records_from_the_folder_of_the_kernel(report, shown, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / place)
    report.records()
    assert "93.2 %" in shown[0][0]["text/html"]


def test_elsewhere_the_records_are_those_of_the_clone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("blogkit.report.record_display.__file__", str(tmp_path / "clone/blogkit/report/x.py"))
    assert find_folder() is None
    (tmp_path / "clone/notebooks/records").mkdir(parents=True)
    assert find_folder() == tmp_path / "clone/notebooks/records"


def test_a_folder_that_does_not_exist_is_named(report, tmp_path):
    with pytest.raises(ValueError, match="`folder` must be a folder with records. Received: folder="):
        report.records(tmp_path / "none")
    assert record().command == "python -m blogkit record 01 --profile evening --seeds 3"
