import dataclasses

import pytest
from bs4 import BeautifulSoup
from rich.cells import cell_len

from blogkit.report import Claim
from blogkit.report.tables import html_table, plain_table, row, text_table
from blogkit.report.verdicts import COLOURS, MARKS

LONG = Claim(
    id="C1",
    kind="identity",
    sentence="用时间换取效果:梯度累积优化器与大批次在数值上等价" * 5,
    value=1.0,
    at_least=0,
    article="等价" * 20,
    dataset="a" * 120,
    stand_in=True,
)


FINDING = dict(id="C2", kind="finding", sentence="s", dataset="d")


def cells(text, column):
    """What stands in one column of a printed table, its wrapped lines put together again."""
    return "".join(line.split("│")[column + 1].strip() for line in text.splitlines() if line.startswith("│"))


@pytest.mark.parametrize("width", [100, 120])
def test_plain_table_keeps_its_width_with_chinese_and_long_words(width):
    text = text_table([LONG] * 2, width)
    assert {cell_len(line) for line in text.splitlines()} == {width}  # a straight right edge
    said = f"{LONG.sentence} ({LONG.data})".replace(" ", "")  # lines break at spaces
    assert cells(text, 1).replace(" ", "") == said * 2  # nothing is cut off
    assert (cells(text, 0), cells(text, 5)) == ("C1identity" * 2, "≥ 0≥ 0")


def test_plain_table_breaks_no_number_where_there_is_room():
    claim = dataclasses.replace(LONG, value=3.21e-12, at_least=None, at_most=1e-10)
    lines = text_table([claim]).splitlines()
    assert any("│ 3.21 × 10⁻¹² │ –       │ ≤ 10⁻¹⁰ │" in line and "│ ✔ holds │" in line for line in lines)


def test_plain_table_keeps_words_as_they_are():
    text = plain_table(("a [b]",), [("[red]x[/red] :bug: http://x.y",)])
    assert "a [b]" in text and "[red]x[/red] :bug: http://x.y" in text and "\x1b" not in text


def test_row_carries_the_remark():
    claim = Claim(**FINDING, value=0, null=-1, at_least=1, differs="so")
    assert row(claim) == ("C2\nfinding", "s [so] (d)", "–", "0", "−1", "≥ 1", "✘ fails\none seed")
    untested = Claim(**FINDING, at_least=1, untested="why")
    assert row(untested)[1] == "s [why] (d)" and row(untested)[-1] == "– not tested here"


def parsed(claims):
    return BeautifulSoup(html_table(claims), "html.parser")


def style(tag):
    return dict(part.split(": ") for part in tag["style"].split("; "))


def test_html_table_is_aligned_to_the_left_and_breaks_no_number():
    claim = Claim(id="C2", kind="identity", sentence="a < b", value=0, at_most=1e-9, dataset="d")
    table = parsed([claim])
    assert {style(tag)["text-align"] for tag in table.find_all(["th", "td"])} == {"left"}
    cells = dict(zip([th.text for th in table("th")], table("td"), strict=True))
    assert (cells["claim"].text, cells["sentence"].text, cells["bound"].text) == (
        "C2identity",
        "a < b",
        "≤ 10⁻⁹",
    )
    unbroken = {name for name, cell in cells.items() if style(cell).get("white-space") == "nowrap"}
    assert unbroken == {"claim", "bound", "verdict"}
    assert style(cells["here"].span)["white-space"] == "nowrap" and cells["here"].span.text == "0"


def test_html_table_says_why_a_claim_is_false_below_its_sentence():
    table = parsed([Claim(**FINDING, value=0, null=-1, at_least=1, differs="a < b")])
    assert table("td")[1].find("br").find_next().text == "a < b"


def test_html_table_shows_an_interval_below_the_value():
    fields = FINDING | dict(unit="points (of 100)", null=0, at_least=0)
    cell = parsed([Claim(**fields, values=[4.5, 5, 5.5])])("td")[3]
    assert list(cell.stripped_strings) == ["5 points (of 100)", "(3.76 to 6.24, 3 seeds)"] and cell.find("br")


def test_html_table_says_one_seed_below_the_verdict():
    verdict = parsed([Claim(**FINDING, value=1, null=0, at_least=0)])("td")[-1]
    assert list(verdict.stripped_strings) == ["✔ holds", "one seed"]


def luminance(colour):
    """Relative luminance of `#rrggbb`: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


CLAIM_OF = {
    "holds": dict(value=1),
    "fails": dict(value=0),
    "reproduced": dict(value=1, kind="article"),
    "not reproduced": dict(value=0, kind="article"),
    "same direction": dict(value=1, kind="article", stand_in=True),
    "other direction": dict(value=0, kind="article", stand_in=True),
    "not tested here": dict(untested="why"),
}


@pytest.mark.parametrize("verdict", MARKS)
def test_a_verdict_brings_word_and_ground_and_contrasts_with_it(verdict):
    claim = Claim(**FINDING | CLAIM_OF[verdict], null=0, at_least=0, article="better")
    assert claim.verdict == verdict
    badge = parsed([claim])("td")[-1].span
    colours = style(badge)["color"], style(badge)["background-color"]
    assert badge.text == MARKS[verdict] and colours == COLOURS[verdict]
    dark, light = map(luminance, colours)
    assert (light + 0.05) / (dark + 0.05) >= 7


def test_html_table_of_no_claims_has_a_head_only():
    table = parsed([])
    assert table("th") and not table("td")
