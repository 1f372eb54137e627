"""Chinese reviews, good or bad: the blog's two sheets, and ChnSentiCorp."""

import tarfile
import zlib
from pathlib import Path
from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, is_official, official_file, source_path
from blogkit.datasets.rows import Rows, parts_of, split_by_text
from blogkit.datasets.text_files import json_rows, part_files, text_lines
from blogkit.extras import import_extra

SHEETS = ("neg.xls", "pos.xls")
PARTS = ("train", "dev")
PART_BYTES = 50_000_000


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
    xlrd = import_extra("xlrd", needed_by="read_sheet")
    try:
        with xlrd.open_workbook(path, on_demand=True) as book:
            sheet = book.sheet_by_index(0)
            cells = [sheet.cell(row, 0) for row in range(sheet.nrows)]
    except Exception as error:  # xlrd raises almost anything on a damaged file
        raise ValueError(f"{path} is not an Excel 97 sheet: {error}") from error
    texts = [f"{cell.value:g}" if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value) for cell in cells]
    return [text for text in texts if text.strip()]


def chnsenticorp(source="official") -> Rows:
    """Read ChnSentiCorp, rows of `Review`: 9,600 for training, the 1,200 of its dev part for validation.

    Args:
        source: `"official"`: `data-chnsenticorp.tar.gz` in the data folder,
            checked by hash. `"imported"`: what `python -m data_download import
            chnsenticorp` put there. Else such an archive, or a file of lines
            `text, tab, label`, which is split 4 : 1 by text with a fixed seed.

    Raises:
        MissingDataset: If there is no such file; says where to get it.
        ValueError: If a line does not fit; names it.
    """
    archive = "data-chnsenticorp.tar.gz"
    path, _, _ = part_files("chnsenticorp", source, archive)
    official = is_official("chnsenticorp", path)
    name = "ChnSentiCorp" if official else f"ChnSentiCorp format, {path.name}"
    if path.name.endswith((".tar.gz", ".tar")):
        return Rows(*_archive_parts(path), name=name, stand_in=not official)
    parts = parts_of(path, None, _tabbed_file, lambda review: review.text)
    return Rows(*parts, name=name, stand_in=True)


def _archive_parts(path):
    parts = []
    try:
        with tarfile.open(path) as archive:  # members are read, never unpacked
            names = {"/".join(Path(m.name).parts[-2:]): m for m in archive if m.isfile()}
            for part in PARTS:
                if f"{part}/part.0" not in names:
                    raise ValueError(f"{path} lacks {part}/part.0.")
                data = archive.extractfile(names[f"{part}/part.0"]).read(PART_BYTES)
                lines = enumerate(data.decode("utf-8").split("\n"), 1)
                parts.append(_tabbed(lines, f"{path}, {part}/part.0"))
    except (OSError, EOFError, tarfile.TarError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a whole archive of text: {error}") from error
    return parts


def _tabbed_file(path):
    return _tabbed(text_lines(path), path)


def _tabbed(lines, where):
    reviews = []
    for number, line in lines:
        text, tab, label = line.rstrip("\r").rpartition("\t")
        if line and not tab:
            raise ValueError(f"{where}, line {number} needs text, tab, label. Received: {line[:80]!r}.")
        if line:
            reviews.append(Review(text, _label(label, f"{where}, line {number}")))
    return reviews


def _label(value, where):
    if str(value) not in ("0", "1"):
        raise ValueError(f"{where}: a label is 0 or 1. Received: {value!r}.")
    return int(value)
