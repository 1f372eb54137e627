"""The recorded runs on the report page: table, how each was made, and figures inside the page."""

import base64

import pytest
from bs4 import BeautifulSoup
from example_record import PNGS, write

from blogkit.runner.page import Entry, write_page


@pytest.fixture
def section(clone):
    """Function that writes the page of notebook 01_one and returns its section."""
    notebook = clone.add("01_one")

    def written():
        path = clone.root / "page.html"
        write_page([Entry(notebook, records=clone.project.records)], path)
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find("article")

    return written


def test_shows_the_table_of_records(clone, section):
    write(clone.project.records)
    write(clone.project.records, profile="gpu", slug="h200", device="NVIDIA H200", parameters={"speed": 1})
    records = section().select_one("section.records")
    assert records.h3.get_text() == "Recorded runs" and records["aria-labelledby"] == records.h3["id"]
    table = records.select_one("[role='region'][tabindex='0'] > table")
    heads = [list(head.stripped_strings) for head in table.select("thead th")]
    assert [head[0] for head in heads] == ["Claim", "Article", "this run", "evening", "gpu"]
    assert heads[4][-1] == "older notebook: parameter speed dropped since"
    first = table.tbody.tr
    assert first.th.get_text(" ", strip=True) == "C1 article accuracy on 测试 <data>"
    labelled = [(cell["data-label"], next(cell.stripped_strings)) for cell in first("td")]
    assert labelled == [("Article", "98 %"), ("this run", "–"), ("evening", "93.2 %"), ("gpu", "93.2 %")]
    assert all(head["scope"] for head in table("th"))


def test_says_how_each_record_was_made(clone, section):
    write(clone.project.records)
    (made,) = section().select(".records details")
    text = made.get_text(" ", strip=True)
    for fact in (
        "How 01_one.evening.cpu was made",
        "Took 33:20",
        "Backend jax 0.10.2",
        "Device AMD EPYC 9B14",
        "Cores 2",
        "Memory 812 MB",
        "Commit 0123456789ab",
        "Command python -m blogkit record 01 --profile evening --seeds 3",
        "rate 0.1",
    ):
        assert fact in text
    assert "Device memory" not in text and "interruption" not in text


def test_says_that_a_run_was_interrupted(clone, section):
    write(clone.project.records, resumed=True)
    (made,) = section().select(".records details")
    assert "Took 33:20, after an interruption" in made.get_text(" ", strip=True)


def test_figures_are_inside_and_described(clone, section):
    write(clone.project.records)
    figures = section().select(".records figure")
    assert [base64.b64decode(f.img["src"].partition(",")[2]) for f in figures] == list(PNGS)
    assert figures[0].img["src"].startswith("data:image/png;base64,")
    assert (figures[0].img["alt"], figures[0].img["width"]) == ('a "falling" curve 1', "40")
    caption = "Loss 1 & <steps> (evening, CPU, 2 cores, 2026-11-30)"
    assert figures[0].figcaption.get_text() == caption


def test_without_records_there_is_no_such_section(clone, section):
    assert section().select(".records") == []
    write(clone.project.records, notebook="02_two")
    assert section().select(".records") == []


def test_the_command_shows_records_and_names_one_that_was_edited(clone, section, blogkit):
    path = write(clone.project.records)
    page = clone.root / "all.html"
    assert blogkit("report", "--output", page)[0] == 0
    assert "Recorded runs" in page.read_text(encoding="utf-8")
    page.unlink()
    path.write_text(path.read_text(encoding="utf-8").replace("93.1", "97.1"), encoding="utf-8")
    code, out, err = blogkit("report", "--output", page)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert "01_one.evening.cpu.json: it was edited by hand" in err and not page.exists()
