"""The table of recorded runs: article, this run and each record side by side, as HTML and plain text."""

import dataclasses
import html
from collections.abc import Collection, Iterator, Sequence

from blogkit.report.claim import Claim
from blogkit.report.record import Record
from blogkit.report.tables import COLUMNS, WIDTH, plain_table

WIDER = 24  # columns of plain text for each record beyond two
NONE = "–"
NAMES = ("claim", "sentence", "article")  # of the columns that all runs share
_COLUMN = {column.name: column for column in COLUMNS}


@dataclasses.dataclass(frozen=True)
class ThisRun:
    """What the table shows of the run beside the records.

    Args:
        claims: Of this run.
        data: Its data sets, as in a record.
        parameters: Names of the parameters that the notebook has today.
    """

    claims: Sequence[Claim]
    data: Sequence[dict] = ()
    parameters: Collection[str] = ()


def html_records(run: ThisRun, records: Sequence[Record]) -> str:
    """The table as HTML with inline styles, which are all that notebooks keep."""
    lines = [[name] for name in NAMES] + heads(run, records)
    head = "".join(_cell("th", "<br>".join(map(html.escape, each))) for each in lines)
    body = []
    for first, claims in rows(run, records):
        cells = [_COLUMN["claim"].html(first), html.escape(first.sentence), html.escape(first.printed)]
        cells += [html_claim(claim, first.sentence) for claim in claims]
        body.append("<tr>" + "".join(_cell("td", cell) for cell in cells) + "</tr>\n")
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(body)}</tbody>\n</table>"


def text_records(run: ThisRun, records: Sequence[Record]) -> str:
    """The table as plain text."""
    lines = [*NAMES, *map("\n".join, heads(run, records))]
    body = []
    for first, claims in rows(run, records):
        cells = [_COLUMN["claim"].text(first), first.sentence, first.printed]
        body.append([*cells, *(_text_claim(claim, first.sentence) for claim in claims)])
    return plain_table(lines, body, WIDTH + WIDER * max(0, len(records) - 2))


def title(record: Record) -> str:
    """Profile, device and date of a record, in one line."""
    return ", ".join([record.kind, *_overrides(record), _device(record), record.date])


def heads(run: ThisRun, records: Sequence[Record]) -> list[list[str]]:
    """The lines of the header of this run and of each record."""
    return [["this run", *map(_data_set, run.data)], *(_head(record, run.parameters) for record in records)]


def _head(record, parameters):
    old = record.missing(parameters)
    lines = [record.kind, *_overrides(record), _device(record), record.date, _seeds(record)]
    lines += map(_data_set, record.data)
    return lines + ([f"older notebook: {old} dropped since"] if old else [])


def _overrides(record):
    return [f"{name} = {value}" for name, value in record.overrides.items()]


def _device(record):
    if record.slug == "cpu":
        cores = record.cores and f"{record.cores} core{'s' * (record.cores > 1)}"
        return f"CPU, {cores}" if cores else "CPU"
    return record.device


def _seeds(record):
    return "one seed" if len(record.seeds) == 1 else f"{len(record.seeds) or 'no'} seeds"


def _data_set(data):
    parts = ", ".join(f"{name} {part['rows']:,}" for name, part in data["parts"].items())
    return f"data: {data['name']}, {parts} rows"


def rows(run: ThisRun, records: Sequence[Record]) -> Iterator[tuple[Claim, list[Claim | None]]]:
    """The rows of the table, in the order of the claims' numbers.

    Each is the claim whose sentence and article the row shows, that of this run or else of the newest
    record, and the claim as this run and each record have it, None where they have none.
    """
    runs = [{claim.id: claim for claim in found.claims} for found in (run, *records)]
    for id in sorted({id for claims in runs for id in claims}, key=lambda id: (len(id), id)):
        claims = [found.get(id) for found in runs]
        yield claims[0] or next(claim for claim in reversed(claims) if claim), claims


def _text_claim(claim, sentence):
    if claim is None:
        return NONE
    verdict = _COLUMN["verdict"].text(claim)
    lines = [_COLUMN["here"].text(claim), verdict, claim.data, claim.remark, _other(claim, sentence)]
    return "\n".join(filter(None, lines))


def html_claim(claim: Claim | None, sentence: str) -> str:
    """The content of a cell: value, verdict and data of `claim` in a row that starts with `sentence`."""
    if claim is None:
        return NONE
    lines = [_COLUMN["here"].html(claim), _COLUMN["verdict"].html(claim), _COLUMN["data"].html(claim)]
    lines += [f"<em>{html.escape(text)}</em>" for text in (claim.remark, _other(claim, sentence)) if text]
    return "<br>".join(lines)


def _other(claim, sentence):
    """The sentence of `claim` where it is not the one of its row: another profile, or an older notebook."""
    return "" if claim.sentence == sentence else f"recorded as: {claim.sentence}"


def _cell(tag, inside):
    return f'<{tag} style="text-align: left; vertical-align: top">{inside}</{tag}>'
