import pytest
from rich.cells import cell_len

from blogkit.report import Claim
from blogkit.report.tables import COLUMNS, html_table, plain_table, row

LONG = Claim(
    id="C1",
    sentence="用时间换取效果:梯度累积优化器与大批次在数值上等价" * 5,
    value=1.0,
    at_least=0,
    article="等价" * 20,
    dataset="a" * 120,
    stand_in=True,
)


@pytest.mark.parametrize("width", [60, 100])
def test_plain_table_keeps_its_width_with_chinese_and_long_words(width):
    lines = plain_table(COLUMNS, [row(LONG)] * 2, width).splitlines()
    assert {cell_len(line) for line in lines} == {width}  # a straight right edge
    text = "".join(line.split("│")[1].strip() for line in lines if line.startswith("│"))
    assert text == ("C1" + LONG.sentence) * 2  # nothing is cut off


def test_plain_table_keeps_words_as_they_are():
    text = plain_table(("a [b]",), [("[red]x[/red] :bug: http://x.y",)])
    assert "a [b]" in text and "[red]x[/red] :bug: http://x.y" in text and "\x1b" not in text


def test_row_carries_the_remark():
    claim = Claim(id="C2", sentence="s", value=0, at_least=1, dataset="d", differs="so")
    assert row(claim) == ("C2 s [so]", "-", "0", ">= 1", "d", "✘ false")
    untested = Claim(id="C3", sentence="s", value=None, at_least=1, dataset="d", untested="why")
    assert row(untested)[0] == "C3 s [why]" and row(untested)[-1] == "– not tested"


def test_html_table_of_no_claims_has_a_head_only():
    assert html_table([]).count("<th>") == len(COLUMNS) and "<td>" not in html_table([])
