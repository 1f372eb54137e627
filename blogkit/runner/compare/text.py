"""The comparison as plain text for a terminal."""

import datetime
import textwrap

from blogkit.report.readable import number_text
from blogkit.report.tables import WIDTH, plain_table
from blogkit.runner.compare.comparison import Comparison, Pair
from blogkit.runner.compare.rows import Row

SENTENCE = 60  # characters of a claim's sentence; the notebook has the whole
HEADERS = ("claim", "sentence", "A", "B", "difference", "result")


def text(comparison: Comparison, width: int = WIDTH) -> str:
    """Tables of claims and causes for each notebook, and the summary in the last line."""
    lines = [f"A: {comparison.a}", f"B: {comparison.b}"]
    for pair in comparison.pairs:
        lines += ["", *_notebook(pair, width)]
    for label, other in (("a", "B"), ("b", "A")):
        lines += [f"\nOnly {other} has {name}." for name in comparison.lacking[label]]
    return "\n".join([*lines, "", comparison.summary])


def _notebook(pair, width):
    yield f"{pair.notebook}   A: {source(pair.a)}   B: {source(pair.b)}"
    for label, run in (("A", pair.a), ("B", pair.b)):
        if run.error:
            yield f"{label} failed: {textwrap.shorten(run.error, width - 10)}"
    if pair.rows:
        yield plain_table(HEADERS, [_cells(row) for row in pair.rows], width)
    yield from _causes(pair, width)


def source(run) -> str:
    """The file of a run and when it ran, as far as it is recorded."""
    try:
        started = datetime.datetime.fromisoformat(run.result["started"])
    except (KeyError, TypeError, ValueError):
        return run.source.name
    clock = f" {started:%H:%M} UTC" if "T" in run.result["started"] else ""  # a record keeps the day alone
    return f"{run.source.name}, {started:%Y-%m-%d}{clock}"


def _cells(row):
    claim = row.claim
    other = row.b.id if row.a and row.b and row.a.id != row.b.id else ""
    return (
        "\n".join(filter(None, [claim.id, other and f"({other} in B)", claim.kind])),
        textwrap.shorten(claim.sentence, SENTENCE, placeholder=" ..."),
        side(row.a),
        side(row.b),
        difference(row),
        "\n".join([result(row), *([row.note] if row.note else [])]),
    )


def side(claim) -> str:
    """Value and verdict of a claim on one side."""
    return "\n".join(filter(None, [claim.here, claim.verdict, claim.one_seed])) if claim else "–"


def difference(row: Row) -> str:
    """The difference against its tolerance, where there are numbers."""
    if row.difference is None:
        return "–"
    text = number_text(row.difference)
    return text if row.tolerance is None else f"{text}\n(tolerance {number_text(row.tolerance)})"


def result(row: Row) -> str:
    """The outcome with its causes: `"explained: backend"`, `"broken, suspect: uncommitted changes"`."""
    if not row.causes:
        return row.outcome
    joint = ", suspect: " if row.outcome == "broken" else ": "
    return row.outcome + joint + ", ".join(row.causes)


def _causes(pair: Pair, width):
    known = [cause for cause in pair.causes if cause.group != "unknown"]
    unknown = [cause for cause in pair.causes if cause.group == "unknown"]
    yield "Causes" if known or unknown else "Causes: nothing else differs."
    for cause in known:
        note = f"  ({cause.note})" if cause.note else ""
        yield f"  {cause.label:<28}  A {cause.a}  B {cause.b}{note}"
    if unknown:
        names = ", ".join(cause.name for cause in unknown)
        yield from textwrap.wrap(f"Not recorded on at least one side: {names}.", width, initial_indent="  ")
