"""TableQA (Zhuiyi, 2019): Chinese questions about tables, with their SQL as a form."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

from blogkit.datasets.catalogue import OFFICIAL, chosen, official_file, source_path
from blogkit.datasets.rows import Rows, parts_of
from blogkit.datasets.text_files import find, json_rows

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
        questions, tables = zip(*((read_questions(q), read_tables(t)) for q, t in parts))
        tables = tables[0] | tables[1]
    else:
        paths = [sorted(folder.glob(f"*{kind}.jsonl*")) for kind in ("questions", "tables")]
        if [len(found) for found in paths] != [1, 1]:
            raise ValueError(
                f"{folder} needs train/ and val/ with two files each, or one *questions.jsonl and one "
                "*tables.jsonl. "
                f"Received: {', '.join(sorted(path.name for path in folder.iterdir())) or 'an empty folder'}."
            )
        tables = read_tables(paths[1][0])
        questions = parts_of(paths[0][0], None, read_questions, lambda question: question.table_id, "tables")
    for question in (*questions[0], *questions[1]):
        if fault := question_fault(question, tables):
            raise ValueError(f"{name}: {question.question!r}: {fault}.")
    return TableQuestions(*questions, name=name, stand_in=source != OFFICIAL, tables=tables)


def read_questions(path: Path) -> list[TableQuestion]:
    """Read questions, one per line. Those of the official test part have no SQL: `{}`.

    Raises:
        ValueError: If a question or the id of its table is not a string.
    """
    questions = []
    for where, row in json_rows(path, ("question", "table_id")):
        question = TableQuestion(row["question"], row["table_id"], row.get("sql", {}))
        if not (isinstance(question.question, str) and isinstance(question.table_id, str)):
            raise ValueError(f"{where}: question and table_id must be strings. Received: {question[:2]}.")
        questions.append(question)
    return questions


def read_tables(path: Path) -> dict[str, Table]:
    """Read tables by id, one per line.

    Raises:
        ValueError: If an id is not a string or a row lacks a cell.
    """
    tables = {}
    for where, row in json_rows(path, ("id", "header", "types", "rows")):
        table = Table(*(row.get(key, "") for key in Table._fields))
        columns = (table.header, table.types, *(table.rows if isinstance(table.rows, list) else [table.rows]))
        whole = all(isinstance(column, list) for column in columns) and len(set(map(len, columns))) == 1
        if not isinstance(table.id, str):
            raise ValueError(f"{where}: id must be a string. Received: {table.id!r}.")
        if not whole or any(kind not in ("text", "real") for kind in table.types):
            raise ValueError(
                f"{where}: needs a type, text or real, and a cell for each column of {table.header}."
            )
        tables[table.id] = table
    return tables


def question_fault(question: TableQuestion, tables: dict[str, Table]) -> str:
    """Reason why a question does not fit its table; empty if it does.

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
            "it needs integer lists agg and sel, an integer cond_conn_op and conds of three values, "
            f"not {sql}"
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
    return all(isinstance(number, int) for number in numbers)
