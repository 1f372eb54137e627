"""The table of claims, as HTML for notebooks and the web and as plain text."""

import dataclasses
import html
import io
from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from blogkit.report.claim import Claim
from blogkit.report.readable import bound_text
from blogkit.report.verdicts import COLOURS, MARKS

WIDTH = 120  # columns of a table in plain text
SHORT = 17  # characters: in plain text a column of such cells is not wrapped ...
LEAST = 10  # ... if this many characters are left for each of the others


@dataclasses.dataclass(frozen=True)
class Column:
    """One column of the table of claims.

    Args:
        name: The header.
        text: The cell of a claim in plain text; None to leave the column out there.
        html: The cell of a claim as HTML; by default its text, escaped.
        wraps: False for numbers and ids, which stay on one line.
    """

    name: str
    text: Callable | None
    html: Callable | None = None
    wraps: bool = True

    def cell(self, claim: Claim) -> str:
        """The `<td>` of `claim`."""
        inside = self.html(claim) if self.html else html.escape(self.text(claim))
        return f'<td style="{self.style}">{inside}</td>'

    @property
    def style(self) -> str:
        """Inline style: JupyterLab aligns cells to the right, GitHub strips it."""
        return "text-align: left" + ("" if self.wraps else "; white-space: nowrap")


def _sentence(claim):
    remark = f" [{claim.remark}]" if claim.remark else ""
    return f"{claim.sentence}{remark} ({claim.data})"  # plain text is too narrow for a column of data


def _sentence_html(claim):
    remark = f"<br><em>{html.escape(claim.remark)}</em>" if claim.remark else ""
    return html.escape(claim.sentence) + remark


def _here_html(claim):
    """The value, which is not broken, and its interval on lines of its own."""
    spread = f" ({claim.spread})" if claim.spread else ""
    return _unbroken(claim.here.removesuffix(spread)) + html.escape(spread).replace(" ", "<br>", 1)


def _id_html(claim):
    return f"{_unbroken(claim.id)}<br>{claim.kind}"


def _verdict(claim):
    return "\n".join(filter(None, [MARKS[claim.verdict], claim.one_seed]))


def _data_html(claim):
    return html.escape(claim.dataset) + (f" {_unbroken('(stand-in)')}" if claim.stand_in else "")


def _unbroken(text):
    return f'<span style="white-space: nowrap">{html.escape(text)}</span>'


def _verdict_html(claim):
    text, ground = COLOURS[claim.verdict]
    style = f"color: {text}; background-color: {ground}; padding: 1px 6px; border-radius: 4px"
    badge = f'<span style="{style}">{MARKS[claim.verdict]}</span>'
    return badge + (f"<br>{claim.one_seed}" if claim.one_seed else "")


COLUMNS = (
    Column("claim", lambda claim: f"{claim.id}\n{claim.kind}", _id_html, wraps=False),
    Column("sentence", _sentence, _sentence_html),
    Column("article", lambda claim: claim.printed),
    Column("here", lambda claim: claim.here, _here_html),
    Column("without", lambda claim: claim.without),
    Column("bound", bound_text, wraps=False),
    Column("data", None, _data_html),
    Column("verdict", _verdict, _verdict_html, wraps=False),
)


HEADERS = tuple(column.name for column in COLUMNS if column.text)  # of plain text


def row(claim: Claim) -> tuple[str, ...]:
    """The plain text cells of one claim in the order of `HEADERS`."""
    return tuple(column.text(claim) for column in COLUMNS if column.text)


def text_table(claims: Iterable, width: int = WIDTH) -> str:
    """The table of `claims` as plain text, no wider than `width` columns."""
    return plain_table(HEADERS, [row(claim) for claim in claims], width)


def html_table(claims: Iterable) -> str:
    """The table of `claims` as HTML with inline styles, which are all that notebooks keep."""
    head = "".join(f'<th style="text-align: left">{column.name}</th>' for column in COLUMNS)
    body = "".join("<tr>" + "".join(column.cell(claim) for column in COLUMNS) + "</tr>\n" for claim in claims)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def plain_table(headers: Sequence[str], rows: Iterable[Sequence[str]], width: int = WIDTH) -> str:
    """A box-drawn table no wider than `width` columns; Chinese characters are two columns wide."""
    rows = list(rows)
    longest = [
        max(cell_len(line) for cell in column for line in cell.splitlines() or [""])
        for column in zip(headers, *rows, strict=True)
    ]
    short = [length for length in longest if length <= SHORT]
    left = width - 1 - sum(length + 3 for length in short)
    roomy = left >= (LEAST + 3) * (len(longest) - len(short))
    table = Table(show_lines=True)
    for header, length in zip(headers, longest, strict=True):
        # Chinese has no spaces to break a line at, hence "fold".
        table.add_column(header, overflow="fold", no_wrap=roomy and length <= SHORT)
    for cells in rows:
        table.add_row(*cells)
    text = io.StringIO()
    console = Console(
        file=text,
        width=width,
        color_system=None,
        markup=False,
        highlight=False,
        emoji=False,
        force_jupyter=False,  # else rich, in a kernel, displays the table and writes nothing
        legacy_windows=False,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())
