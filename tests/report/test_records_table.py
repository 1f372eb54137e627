"""The table of records: every claim once, every run in its own column, what is old or stands in is said."""

import dataclasses

import pytest
from bs4 import BeautifulSoup
from example_record import record
from rich.cells import cell_len

from blogkit.report.records_table import ThisRun, html_records, text_records, title

FIRST, SECOND = record().claims
RUN = ThisRun(
    [dataclasses.replace(FIRST, value=92.0, values=None, interval=None, seeds=1)], (), {"seed", "rate"}
)
OTHER = record(profile="gpu", slug="h200", device="NVIDIA H200", seeds=[0], claims=(SECOND,))


def table(run, records):
    """Header and rows of the HTML table: lists of the lines of each cell."""
    soup = BeautifulSoup(html_records(run, records), "html.parser")
    return [
        [list(cell.stripped_strings) for cell in row.find_all(["th", "td"])] for row in soup.find_all("tr")
    ]


def test_article_this_run_and_each_record_stand_side_by_side():
    head, first, second = table(RUN, [record(), OTHER])
    assert head == [
        ["claim"],
        ["sentence"],
        ["article"],
        ["this run"],
        ["evening", "CPU, 2 cores", "2026-11-30", "3 seeds", "data: digits, train 4,000 rows"],
        ["gpu", "NVIDIA H200", "2026-11-30", "one seed", "data: digits, train 4,000 rows"],
    ]
    assert first[:4] == [
        ["C1", "article"],
        ["accuracy on 测试 <data>"],
        ["98 %"],
        ["92 %", "✔ same direction", "one seed", "digits", "(stand-in)"],
    ]
    interval = "(92.4 to 93.9, 3 seeds)"
    assert first[4:] == [["93.2 %", interval, "✔ same direction", "digits", "(stand-in)"], ["–"]]
    assert second == [["C2", "identity"], ["equal"], ["–"], ["–"], *[["10⁻⁷", "✔ holds", "digits"]] * 2]


def test_the_data_of_this_run_are_named():
    run = dataclasses.replace(RUN, data=[{"name": "toy", "parts": {"a": {"rows": 1}, "b": {"rows": 2}}}])
    assert table(run, [record()])[0][3] == ["this run", "data: toy, a 1, b 2 rows"]


def test_a_record_of_an_older_notebook_is_shown_and_marked():
    head, first, _ = table(dataclasses.replace(RUN, parameters={"seed"}), [record()])
    assert head[4][-1] == "older notebook: parameter rate dropped since"
    assert first[4][0] == "93.2 %"


def test_a_claim_that_said_something_else_says_what():
    run = dataclasses.replace(RUN, claims=[dataclasses.replace(RUN.claims[0], sentence="the loss")])
    _, first, _ = table(run, [record()])
    assert first[1] == ["the loss"]
    assert first[4][-1] == "recorded as: accuracy on 测试 <data>"


def test_says_why_a_claim_was_not_tested():
    untested = dataclasses.replace(
        FIRST, value=None, values=None, interval=None, seeds=None, untested="needs <weights>"
    )
    assert table(ThisRun([untested]), [record()])[1][3][-1] == "needs <weights>"
    assert "needs <weights>" in text_records(ThisRun([untested]), [record()])


def test_claims_are_in_the_order_of_their_numbers():
    claims = tuple(dataclasses.replace(SECOND, id=id) for id in ("C10", "C2", "C9"))
    rows = table(ThisRun([]), [record(claims=claims)])
    assert [row[0][0] for row in rows[1:]] == ["C2", "C9", "C10"]


@pytest.mark.parametrize("count, width", [(1, 120), (2, 120), (5, 192)])
def test_plain_text_holds_the_same_within_its_width(count, width):
    records = [record(profile=f"p{number}", seeds=[]) for number in range(count)]
    text = text_records(RUN, records)
    (found,) = {cell_len(line) for line in text.splitlines()}  # a straight right edge
    assert found <= width
    for word in ("this run", "no seeds", "CPU, 2 cores", "2026-11-30", "p0", "✔ holds", "98 %", "(stand-in)"):
        assert word in text
    assert text == text_records(RUN, records)


def test_parameters_beside_the_profile_are_named():
    found = record(overrides={"dataset": "imported"})
    assert table(RUN, [found])[0][4][:3] == ["evening", "dataset = imported", "CPU, 2 cores"]
    assert title(found) == "evening, dataset = imported, CPU, 2 cores, 2026-11-30"


def test_title_is_one_line():
    assert title(record()) == "evening, CPU, 2 cores, 2026-11-30"
    assert title(record(cores=1)) == "evening, CPU, 1 core, 2026-11-30"
    assert title(record(cores=None)) == "evening, CPU, 2026-11-30"
    assert title(OTHER) == "gpu, NVIDIA H200, 2026-11-30"
