"""TableQA (Zhuiyi, 2019): Chinese questions about tables, with their SQL as a form."""

import dataclasses
import functools
import sys
from pathlib import Path
from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, official_file, source_path
from blogkit.datasets.reading import reader
from blogkit.datasets.rows import Rows, parts_of
from blogkit.datasets.text_files import find, json_rows
from blogkit.files_read import matches

AGGREGATIONS, OPERATORS, CONNECTIVES = 6, 4, 3  # none AVG MAX MIN COUNT SUM; > < == !=; none and or


class Table(NamedTuple):
    """A table; `types` has "text" or "real" for each column, `rows` are lists of cells."""

    id: str
    name: str
    title: str
    header: list
    types: list
    rows: list


class TableQuestion(NamedTuple):
    """A question; `sql` is `{"agg", "sel", "cond_conn_op", "conds": [[column, operator, value], ...]}`."""

    question: str
    table_id: str
    sql: dict


@dataclasses.dataclass(frozen=True)
class TableQuestions(Rows):
    """`Rows` of `TableQuestion`, and every `Table` by its id."""

    tables: dict


@reader
def tableqa(source: str | Path = "official") -> TableQuestions:
    """Read TableQA: about 41,500 + 4,396 questions. Cells, headers and values are left as they are.

    Args:
        source: `"official"`: `train/train.json`, `train/train.tables.json` and
            the same of `val` in the data folder, checked by git blob id.
            `"imported"`: the files copied there by `python -m data_download import
            tableqa`. Otherwise the path of a folder with files of those names, or with
            one file `*questions.jsonl` and one `*tables.jsonl` (may be gzip), which are
            split 4 : 1 by table with a fixed seed.

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a line is malformed, or a question refers to a missing table or
            column.
    """
    source = chosen("tableqa", source)
    names = [[f"{part}/{part}{kind}" for kind in (".json", ".tables.json")] for part in ("train", "val")]
    if source == OFFICIAL:
        parts = [[official_file("tableqa", file) for file in pair] for pair in names]
        name = "TableQA"
    else:
        folder = source_path("tableqa", source)
        parts = [[find(folder, file) for file in pair] for pair in names]
        name = f"TableQA format, {folder.name}"
    if all(map(all, parts)):
        tables = _joined(*(read_tables(path) for _, path in parts), [path for _, path in parts])
        questions = [read_questions(path, tables) for path, _ in parts]
    else:
        if not folder.is_dir():
            raise ValueError(f"{folder} must be a folder of {data_set('tableqa').title}.")
        paths = [matches(folder, f"*{kind}.jsonl*") for kind in ("questions", "tables")]
        if [len(found) for found in paths] != [1, 1]:
            raise ValueError(
                f"{folder} needs train/ and val/ with two files each, or one *questions.jsonl and one "
                "*tables.jsonl. "
                f"Received: {', '.join(sorted(path.name for path in folder.iterdir())) or 'an empty folder'}."
            )
        tables = read_tables(paths[1][0])
        read = functools.partial(read_questions, tables=tables)
        questions = parts_of(paths[0][0], None, read, lambda question: question.table_id, "tables")
    return TableQuestions(*questions, name=name, stand_in=source != OFFICIAL, tables=tables)


def _joined(train, valid, paths):
    """The tables of both parts; an id that names two tables would send questions to the wrong one."""
    if twice := [id for id in train.keys() & valid.keys() if train[id] != valid[id]]:
        raise ValueError(
            f"An id must name one table. Received: {min(twice)!r} for two, in {paths[0]} and {paths[1]}."
        )
    return train | valid


def read_questions(path: Path, tables: dict[str, Table] | None = None) -> list[TableQuestion]:
    """Read questions, one per line. Those of the official test part have no SQL: `{}`.

    Raises:
        ValueError: If there are none, a question or the id of its table is not a string, or a question
            does not fit `tables`, if given.
    """

    def question(row, where):
        found = TableQuestion(row["question"], row["table_id"], row.get("sql", {}))
        if not (isinstance(found.question, str) and isinstance(found.table_id, str)):
            raise ValueError(f"{where}: question and table_id must be strings. Received: {found[:2]}.")
        if tables is not None and (fault := question_fault(found, tables)):
            raise ValueError(f"{where}: {found.question!r}: {fault}.")
        return found

    return json_rows(path, ("question", "table_id"), question)


def read_tables(path: Path) -> dict[str, Table]:
    """Read tables by id, one per line.

    Raises:
        ValueError: If there are none, an id is not a string or names two tables, or a row lacks a cell.
    """
    tables = {}

    def table(row, where):
        found = Table(*(row.get(key, "") for key in Table._fields))
        columns = (found.header, found.types, *(found.rows if isinstance(found.rows, list) else [found.rows]))
        whole = all(isinstance(column, list) for column in columns) and len(set(map(len, columns))) == 1
        if not isinstance(found.id, str):
            raise ValueError(f"{where}: id must be a string. Received: {found.id!r}.")
        if not whole or not found.header or any(kind not in ("text", "real") for kind in found.types):
            raise ValueError(
                f"{where}: needs a type, text or real, and a cell for each column of {found.header}, "
                "at least one."
            )
        if strange := [cell for cells in columns for cell in cells if isinstance(cell, (list, dict))]:
            raise ValueError(f"{where}: a name or cell must be text or a number. Received: {strange[0]!r}.")
        if tables.setdefault(found.id, found) != found:
            raise ValueError(f"{where}: an id must name one table. Received: {found.id!r} for another table.")

    json_rows(path, ("id", "header", "types", "rows"), table)
    return tables


def question_fault(question: TableQuestion, tables: dict[str, Table]) -> str:
    """Reason why a question does not fit its table; empty if `blogkit.nlp.check_form` accepts its form.

    A question without SQL, `{}`, fits.

    Example:

    >>> table = Table("t", "Table_t", "", ["城市", "人口"], ["text", "real"], [["北京", 2154.0]])
    >>> sql = {"agg": [0], "sel": [2], "cond_conn_op": 0, "conds": [[0, 2, "北京"]]}
    >>> question_fault(TableQuestion("北京的面积", "t", sql), {"t": table})
    'it selects column 2 of 2'
    """
    if question.table_id not in tables:
        return f"there is no table {question.table_id}"
    sql, columns = question.sql, len(tables[question.table_id].header)
    if sql == {}:
        return ""
    if not _is_form(sql):
        return (
            "it needs integer lists agg and sel, an integer cond_conn_op and conds of three values, the last "
            f"one text or a finite number, not {sql}"
        )
    for column in (*sql["sel"], *(column for column, *_ in sql["conds"])):
        if not 0 <= column < columns:
            return f"it selects column {column} of {columns}"
    if len(sql["agg"]) != len(sql["sel"]) or not sql["sel"] or not sql["conds"]:
        return "it needs a selected column or more, an aggregation for each, and a condition"
    known = all(agg in range(AGGREGATIONS) for agg in sql["agg"]) and sql["cond_conn_op"] in range(
        CONNECTIVES
    )
    if not known or any(operator not in range(OPERATORS) for _, operator, _ in sql["conds"]):
        return f"unknown aggregation, operator or connective in {sql}"
    if len(sql["conds"]) > 1 and not sql["cond_conn_op"]:
        return f"several conditions need the connective 1 (and) or 2 (or), not {sql}"
    return ""


def _is_form(sql):
    """Whether `sql` has the keys and types of a form; ranges are checked by the caller."""
    lists = ("agg", "sel", "conds")
    if not isinstance(sql, dict) or not {*lists, "cond_conn_op"} <= set(sql):
        return False
    if not all(isinstance(sql[key], list) for key in lists):
        return False
    if not all(isinstance(cond, (list, tuple)) and len(cond) == 3 for cond in sql["conds"]):
        return False
    numbers = (*sql["agg"], *sql["sel"], sql["cond_conn_op"], *(n for cond in sql["conds"] for n in cond[:2]))
    values = (cond[2] for cond in sql["conds"])
    return all(type(number) is int for number in numbers) and all(map(_is_value, values))


def _is_value(value):
    return isinstance(value, str) or (type(value) in (int, float) and abs(value) <= sys.float_info.max)
