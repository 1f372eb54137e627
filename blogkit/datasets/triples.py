"""SKE 2019 and DuIE 2.0: sentences with the triples (subject, predicate, object) they state."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

from blogkit.datasets.catalogue import IMPORTED, OFFICIAL, chosen, data_set, official_file, source_path
from blogkit.datasets.reading import reader
from blogkit.datasets.rows import Rows, parts_of
from blogkit.datasets.text_files import find, json_rows, part_files
from blogkit.files_read import matches

SCHEMAS = "all_50_schemas"


class Sentence(NamedTuple):
    """A text and its triples `(subject, predicate, object)`, as in the file."""

    text: str
    triples: tuple[tuple[str, str, str], ...]


class Schema(NamedTuple):
    """Types of the subject and object of a predicate."""

    subject_type: str
    predicate: str
    object_type: str


@dataclasses.dataclass(frozen=True)
class Triples(Rows):
    """`Rows` of `Sentence`, and the `Schema` of each predicate if the source has schemas."""

    schemas: list


@reader
def ske2019(source: str | Path = "official") -> Triples:
    """Read SKE 2019 (DuIE 1.0): 173,108 + 21,639 sentences, 50 schemas.

    Args:
        source: `"official"`: `train_data.json.zip`, `dev_data.json.zip` and
            `all_50_schemas` in the data folder. `"imported"`: the files copied there
            by `python -m data_download import ske2019`. Otherwise the path of a folder
            with files of those names, or of a file of rows `{"text", "spo_list":
            [{"subject", "predicate", "object", ...}]}`, one per line, which is split
            4 : 1 by text with a fixed seed. In a folder with one such file, schemas
            come from the only file with `schemas` in its name. Files may be gzip.

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a line is malformed, or the official files have another
            number of rows.
    """
    found = _read("ske2019", source, "train_data.json.zip", "dev_data.json.zip")
    return found if found.stand_in else _count(found, "ske2019")


@reader
def duie2(source: str | Path = "official") -> Triples:
    """Read DuIE 2.0. Its objects are dicts; `"@value"` is the object, other slots are dropped.

    Args:
        source: As for `ske2019`, with `duie_train.json` and `duie_dev.json`.

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a line is malformed; names the line.
    """
    return _read("duie2", source, "duie_train.json", "duie_dev.json")


def _read(name, source, train, valid):
    source = chosen(name, source)
    path, valid_path, official = part_files(name, source, train, valid, besides=("schema",))
    parts = parts_of(path, valid_path, read_sentences, lambda sentence: sentence.text)
    title = data_set(name).title
    return Triples(
        *parts,
        name=title if official else f"{title} format, {path.name}",
        stand_in=not official,
        schemas=_schemas(name, source, parts),
    )


def _count(found, name):
    """Check the published numbers of rows, because no checksums are published."""
    for rows, file in zip((found.train, found.valid), data_set(name).files):
        if len(rows) != file.lines:
            raise ValueError(
                f"{data_set(name).path(file)} has {len(rows):,} rows, the official file {file.lines:,}."
            )
    return found


def _schemas(name, source, parts):
    if name != "ske2019":
        return []
    if source == OFFICIAL:
        return read_schemas(official_file(name, SCHEMAS))
    folder = source_path(name, source)
    if folder.is_dir() and (path := find(folder, SCHEMAS) or _only_schemas(folder)):
        return read_schemas(path)
    path = find(data_set(name).folder, SCHEMAS)  # import puts it into its official place
    schemas = read_schemas(path) if path and source == IMPORTED else []
    used = {predicate for rows in parts for sentence in rows for _, predicate, _ in sentence.triples}
    return schemas if used <= {schema.predicate for schema in schemas} else []


def _only_schemas(folder):
    found = [path for path in matches(folder) if "schemas" in path.name and path.is_file()]
    return found[0] if len(found) == 1 else None


def read_schemas(path: Path) -> list[Schema]:
    """Read schemas `{"subject_type", "predicate", "object_type"}`, one per line.

    Raises:
        ValueError: If there are none, or a line is malformed; names the line.
    """

    def schema(row, where):
        return Schema(*(_text(row[key], where) for key in Schema._fields))

    return json_rows(path, Schema._fields, schema)


def read_sentences(path: Path) -> list[Sentence]:
    """Read sentences in the format of SKE 2019 or DuIE 2.0.

    Raises:
        ValueError: If there are none, or a line is malformed; names the line.
    """

    def sentence(row, where):
        triples = tuple(_triple(entry, where) for entry in _list(row["spo_list"], where))
        return Sentence(_text(row["text"], where), triples)

    return json_rows(path, ("text", "spo_list"), sentence)


def _triple(entry, where):
    if not isinstance(entry, dict) or not {"subject", "predicate", "object"} <= set(entry):
        raise ValueError(f"{where}: a triple needs subject, predicate and object. Received: {entry!r}.")
    value = entry["object"]
    if isinstance(value, dict):
        value = value.get("@value")
    return tuple(_text(part, where) for part in (entry["subject"], entry["predicate"], value))


def _text(value, where):
    if not isinstance(value, str):
        raise ValueError(f"{where}: a value must be a string. Received: {value!r}.")
    return value


def _list(value, where):
    if not isinstance(value, list):
        raise ValueError(f"{where}: spo_list must be a list. Received: {value!r}.")
    return value
