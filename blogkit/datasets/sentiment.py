"""The blog's Chinese reviews with their sentiment labels: the sheets neg.xls and pos.xls."""

import os
import zipfile
from pathlib import Path
from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, is_official, official_file, source_path
from blogkit.datasets.reading import reader, reading
from blogkit.datasets.rows import Rows, parts_of, split_by_text
from blogkit.datasets.text_files import json_rows, part_files
from blogkit.extras import import_extra
from blogkit.files_read import note

SHEETS = ("neg.xls", "pos.xls")


class Review(NamedTuple):
    """A text and its label: 1 positive, 0 negative."""

    text: str
    label: int


@reader
def sentiment(source: str | Path = "official") -> Rows:
    """Read the blog's reviews, rows of `Review`, split 4 : 1 by text with a fixed seed.

    Only about 80 % of the texts are distinct, so a split by rows would leak.

    Args:
        source: `"official"`: `neg.xls` and `pos.xls` in the data folder,
            checked by hash. `"imported"`: the files copied there by `python -m
            data_download import sentiment`. Otherwise the path of a folder with these
            two, or of a file of rows `{"text", "label"}`, one per line (may be gzip).
            Sheets need the package xlrd.

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a file does not have the expected contents.
    """
    source = chosen("sentiment", source)
    if source == OFFICIAL:
        sheets = [official_file("sentiment", name) for name in SHEETS]
    else:
        folder = source_path("sentiment", source)
        sheets = [folder / name for name in SHEETS]
    if all(note(path).is_file() for path in sheets):
        rows = [Review(text, label) for label, path in enumerate(sheets) for text in read_sheet(path)]
        official = all(is_official("sentiment", path) for path in sheets)
        name = "review sheets" if official else f"review sheets, {folder.name}"
        with reading(sheets[0].parent, "a folder of review sheets"):
            parts = split_by_text(rows, lambda review: review.text)
        return Rows(*parts, name=name, stand_in=not official)
    path, _, _ = part_files("sentiment", source, "rows.jsonl")
    parts = parts_of(path, None, read_reviews, lambda review: review.text)
    return Rows(*parts, name=f"reviews, {path.name}", stand_in=True)


def read_reviews(path: Path) -> list[Review]:
    """Read rows `{"text", "label"}`, one per line.

    Raises:
        ValueError: If a line is malformed; names the line.
    """
    return json_rows(path, ("text", "label"), _review)


def read_sheet(path: Path) -> list[str]:
    """Non-empty cells in the first column of the first sheet of an Excel 97 file.

    Raises:
        ValueError: If the file is not an Excel 97 sheet, or holds no text.
    """
    xlrd = import_extra("xlrd", needed_by="read_sheet")
    if note(path).is_file() and zipfile.is_zipfile(path):
        raise ValueError(
            f"{path} is not an Excel 97 sheet but a newer one (.xlsx). Save it as Excel 97-2003 (.xls), or "
            'give a file of rows {"text", "label"}, one per line.'
        )
    with (
        reading(path, "an Excel 97 sheet"),
        open(os.devnull, "w", encoding="utf-8") as warnings,  # xlrd prints some to the standard output
        xlrd.open_workbook(note(path), logfile=warnings, on_demand=True) as book,
    ):
        sheet = book.sheet_by_index(0)
        cells = [sheet.cell(row, 0) for row in range(sheet.nrows)]
    texts = [f"{cell.value:g}" if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value) for cell in cells]
    if not (texts := [text for text in texts if text.strip()]):
        raise ValueError(f"{path} contains no text in the first column of its first sheet.")
    return texts


def _review(row, where):
    if not isinstance(row["text"], str):
        raise ValueError(f"{where}: text must be a string. Received: {row['text']!r}.")
    return Review(row["text"], _label(row["label"], where))


def _label(value, where):
    if str(value) not in ("0", "1"):
        raise ValueError(f"{where}: a label must be 0 or 1. Received: {value!r}.")
    return int(value)
