"""The blog's Chinese reviews with their sentiment labels: the sheets neg.xls and pos.xls."""

from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, is_official, official_file, source_path
from blogkit.datasets.rows import Rows, parts_of, split_by_text
from blogkit.datasets.text_files import json_rows, part_files

SHEETS = ("neg.xls", "pos.xls")


class Review(NamedTuple):
    """A text and 1 if it is good, 0 if it is bad."""

    text: str
    label: int


def sentiment(source="official") -> Rows:
    """Read the blog's reviews, rows of `Review`, split 4 : 1 by text with a fixed seed.

    Only about four in five texts are distinct: a split by rows would leak.

    Args:
        source: `"official"`: `neg.xls` and `pos.xls` in the data folder,
            checked by hash. `"imported"`: what `python -m data_download import
            sentiment` put there. Else a folder with these two, or a file of
            rows `{"text", "label"}`, one a line, gzip or not. Sheets need the
            package xlrd.

    Raises:
        MissingDataset: If there is no such file; says where to get it.
        ValueError: If a file is not what it should be.
    """
    source = chosen("sentiment", source)
    if source == OFFICIAL:
        sheets = [official_file("sentiment", name) for name in SHEETS]
    else:
        folder = source_path("sentiment", source)
        sheets = [folder / name for name in SHEETS]
    if all(path.is_file() for path in sheets):
        rows = [Review(text, label) for label, path in enumerate(sheets) for text in read_sheet(path)]
        official = all(is_official("sentiment", path) for path in sheets)
        name = "review sheets" if official else f"review sheets, {folder.name}"
        return Rows(*split_by_text(rows, lambda review: review.text), name=name, stand_in=not official)
    path, _, _ = part_files("sentiment", source, "rows.jsonl")
    parts = parts_of(path, None, read_reviews, lambda review: review.text)
    return Rows(*parts, name=f"reviews, {path.name}", stand_in=True)


def read_reviews(path) -> list[Review]:
    """Rows `{"text", "label"}`, one a line.

    Raises:
        ValueError: If a line does not fit; names it.
    """
    reviews = []
    for where, row in json_rows(path, ("text", "label")):
        if not isinstance(row["text"], str):
            raise ValueError(f"{where}: text needs text. Received: {row['text']!r}.")
        reviews.append(Review(row["text"], _label(row["label"], where)))
    return reviews


def read_sheet(path) -> list[str]:
    """The first column of the first sheet of an Excel 97 file, without its empty cells.

    Raises:
        ValueError: If it is no such file.
    """
    import xlrd  # only these two files need it

    try:
        with xlrd.open_workbook(path, on_demand=True) as book:
            sheet = book.sheet_by_index(0)
            cells = [sheet.cell(row, 0) for row in range(sheet.nrows)]
    except Exception as error:  # xlrd raises almost anything on a damaged file
        raise ValueError(f"{path} is not an Excel 97 sheet: {error}") from error
    texts = [f"{cell.value:g}" if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value) for cell in cells]
    return [text for text in texts if text.strip()]


def _label(value, where):
    if str(value) not in ("0", "1"):
        raise ValueError(f"{where}: a label is 0 or 1. Received: {value!r}.")
    return int(value)
