"""The article-versus-here table, as HTML for notebooks and the web and as plain text."""

import html
import io

from rich.console import Console
from rich.table import Table

COLUMNS = ("claim", "article", "here", "bound", "data", "verdict")
MARKS = {"true": "✔ true", "false": "✘ false", "not tested": "– not tested"}


def row(claim) -> tuple[str, ...]:
    """The cells of one claim in the order of `COLUMNS`."""
    sentence = f"{claim.id} {claim.sentence}"
    if claim.remark:
        sentence += f" [{claim.remark}]"
    return (
        sentence,
        claim.article or "-",
        claim.here,
        claim.bound,
        claim.data,
        MARKS[claim.verdict],
    )


def plain_table(headers, rows, width=100) -> str:
    """A box-drawn table no wider than `width` columns; wide Chinese characters count as two."""
    table = Table(show_lines=True)
    for header in headers:
        table.add_column(header, overflow="fold")  # Chinese has no spaces to break a line at
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


def html_table(claims) -> str:
    """A bare `<table>`: Jupyter and GitHub style it themselves and strip what we would add."""
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row(claim)) + "</tr>\n"
        for claim in claims
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
