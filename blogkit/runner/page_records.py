"""The recorded runs of one notebook, as the report page shows them."""

import base64
import dataclasses
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from blogkit.report import Claim
from blogkit.report.record import figure_bytes, read_records
from blogkit.report.records_table import ThisRun, heads, html_claim, rows, title
from blogkit.runner.progress import clock


@dataclasses.dataclass(frozen=True)
class ShownFigure:
    """A recorded figure; `png` is base64."""

    png: str
    alt: str
    caption: str
    width: int | None
    height: int | None


@dataclasses.dataclass(frozen=True)
class ShownRun:
    """How one record was made: labels and values."""

    name: str
    facts: dict[str, str]


@dataclasses.dataclass(frozen=True)
class ShownRecords:
    """What `records.html.j2` shows.

    `heads` has the lines of each header, `rows` each claim and the HTML of its cells.
    """

    heads: Sequence[Sequence[str]]
    rows: Sequence[tuple[Claim, Sequence[Markup]]]
    runs: Sequence[ShownRun]
    figures: Sequence[ShownFigure]


def shown_records(folder: Path | None, notebook: str, run: ThisRun) -> ShownRecords | None:
    """The records of `notebook` in `folder`, beside `run`; None if there are none.

    Raises:
        ValueError: If a record was edited by hand or lacks a figure.
    """
    records = read_records(folder, notebook) if folder else []
    if not records:
        return None
    figures = [
        ShownFigure(
            base64.b64encode(figure_bytes(folder, record, figure)).decode(),
            figure.alt,
            f"{figure.caption} ({title(record)})",
            figure.width,
            figure.height,
        )
        for record in records
        for figure in record.figures
    ]
    runs = [ShownRun(record.name, _facts(record)) for record in records]
    table = [
        (first, [Markup(html_claim(claim, first.sentence)) for claim in claims])
        for first, claims in rows(run, records)
    ]
    return ShownRecords(heads(run, records), table, runs, figures)


def _facts(record):
    version = record.versions.get(record.backend, "")
    facts = {
        "Recorded": record.date,
        "Took": clock(record.seconds) + (", after an interruption" if record.resumed else ""),
        "Backend": f"{record.backend} {version}".strip() if record.backend else None,
        "Device": record.device,
        "Cores": record.cores,
        "Memory": _megabytes(record.peak_memory_mb),
        "Device memory": _megabytes(record.peak_device_memory_mb),
        "Commit": record.commit,
        "Command": record.command,
    }
    facts |= {name: str(value) for name, value in record.parameters.items()}
    return {label: str(value) for label, value in facts.items() if value is not None}


def _megabytes(number):
    return None if number is None else f"{number:,.0f} MB"
