"""CCKS 2019, task 4: sentences, event types and the company or person that each event concerns."""

import csv
from pathlib import Path

from blogkit.datasets.catalogue import is_official
from blogkit.datasets.event import Event
from blogkit.datasets.event_sentences import event_sentences
from blogkit.datasets.reading import reader, reading
from blogkit.datasets.rows import Rows, parts_of
from blogkit.datasets.text_files import part_files, text_lines


@reader
def event_subjects(source: str | Path = "official") -> Rows:
    """Read CCKS 2019 event subjects: 17,815 rows of `Event`, split 4 : 1 by text with a fixed seed.

    Rows are not cleaned: they include duplicates, the type 其他 (which the article
    drops), and a few subjects that do not occur in their text.

    Args:
        source: `"embedded"`: `event_sentences`, 6,000 with one pool of names
            for training and 500 with the other (no network). `"official"`:
            `event_type_entity_extract_train.csv` in the data folder, checked by hash.
            `"imported"`: the file copied there by `python -m data_download import
            ccks2019`. Otherwise the path of a csv file in that format (id, text, type,
            subject; may be gzip) or of its folder.

    Raises:
        MissingDataset: If the file is missing; says where to get it.
        ValueError: If a line is malformed; names the line.
    """
    if source == "embedded":
        parts = event_sentences(6000, names="seen", seed=0), event_sentences(500, names="new", seed=1)
        return Rows(*parts, name="generated events", stand_in=True)
    path, _, official = part_files("ccks2019", source, "event_type_entity_extract_train.csv")
    official = official or is_official("ccks2019", path)
    parts = parts_of(path, None, read_events, lambda event: event.text)
    name = "CCKS 2019" if official else f"CCKS 2019 format, {path.name}"
    return Rows(*parts, name=name, stand_in=not official)


def read_events(path: Path) -> list[Event]:
    """Rows of a csv file without a header. A byte order mark at its start is skipped."""
    events = []
    table = csv.reader((line + "\n" for _, line in text_lines(path)), strict=True)
    while True:
        with reading(f"{path}, line {table.line_num + 1}", "a valid row of csv"):
            if (row := next(table, None)) is None:
                break
        if len(row) != len(Event._fields):
            raise ValueError(f"{path}, line {table.line_num} needs id, text, type, subject. Received: {row}.")
        events.append(Event(*row))
    if not events:
        raise ValueError(f"{path} contains no rows.")
    return events
