"""Execution of forms in SQLite, without inserting text of a question or table into SQL."""

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence

from blogkit.nlp.questions.protocols import TableLike
from blogkit.nlp.questions.same_result import same_result
from blogkit.nlp.questions.sql_form import (
    AGGREGATIONS,
    CONNECTIVES,
    as_number,
    check_form,
    is_quantity,
    read_number,
    shortened,
    value_text,
)

_OPERATORS = (">", "<", "=", "<>")
_MISSING = ("", "None")


class TableDatabase:
    """A table in a read-only in-memory SQLite database.

    Columns are named by their index and values are passed as parameters, so headers and values
    cannot inject SQL. Cells of a `real` column are numbers, `read_number`; `None`, `"None"`, `""` and
    NaN are missing values, which fulfil no condition. Cells of a `text` column are text; `value_text`
    converts numbers. A `text` column whose cells are all quantities (`is_quantity`: not codes such as
    "007") is compared by number: "100" is above "9", and "2013.0" finds "2013". Other text is ordered
    as text. `>` and `<` on `real` columns, and AVG and SUM on all columns, use numbers only: SQLite
    would order text above all numbers and sum it as 0.

    Use it as a context manager, or call `close`.

    Args:
        table: A table with `header`, `types` ("text" or "real") and `rows`, such as
            `blogkit.datasets.Table`.

    Attributes:
        unread: Cells of `real` columns that are neither numbers nor missing, `(row, column, cell)`
            counted from 0. They are kept as text, which no number equals.

    Raises:
        ValueError: If types, header and rows differ in length, there are no columns, or SQLite cannot
            store a cell.

    Example:

    >>> from types import SimpleNamespace
    >>> table = SimpleNamespace(header=["城市", "人口"], types=["text", "real"],
    ...                         rows=[["北京", 2154.0], ["苏州", 1072.0], ["拉萨", "None"]])
    >>> with TableDatabase(table) as database:
    ...     database.run({"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[1, 0, "2000"]]})
    ...     database.run({"sel": [1], "agg": [5], "cond_conn_op": 0, "conds": [[0, 3, "上海"]]})
    [('北京',)]
    [(3226.0,)]
    """

    def __init__(self, table: TableLike):
        self.types = list(table.types)
        width = len(self.types)
        if not width or {len(table.header), *map(len, table.rows)} != {width}:
            raise ValueError(
                "`table` must have at least one column, with a name, a type and a cell per row for each. "
                f"Received: {len(table.header)} names, {width} types, rows of "
                f"{sorted({*map(len, table.rows)})} cells."
            )
        if unknown := set(self.types) - {"text", "real"}:
            raise ValueError(
                f"`types` of a table must be 'text' or 'real'. Received: {sorted(map(str, unknown))}."
            )
        columns = list(zip(*table.rows)) or [()] * width
        self._by_number = [
            kind == "real" or _all_quantities(cells) for kind, cells in zip(self.types, columns)
        ]
        self._connection = sqlite3.connect(":memory:")
        try:
            self._fill(table.rows)
        except BaseException:
            self._connection.close()
            raise

    def _fill(self, rows):
        connection = self._connection
        connection.create_function("number", 1, read_number, deterministic=True)
        names = ", ".join(f"{_name(number)} {kind.upper()}" for number, kind in enumerate(self.types))
        cells = [[_cell(*cell, number) for cell in zip(row, self.types)] for number, row in enumerate(rows)]
        self.unread = [
            (number, column, rows[number][column])
            for number, stored in enumerate(cells)
            for column, cell in enumerate(stored)
            if self.types[column] == "real" and isinstance(cell, str)
        ]
        try:
            connection.execute(f"CREATE TABLE cells ({names})")
            connection.executemany(f"INSERT INTO cells VALUES ({', '.join('?' * len(self.types))})", cells)
        except sqlite3.Error as error:
            raise ValueError(f"SQLite cannot hold a table of {len(self.types)} columns: {error}.") from error
        connection.commit()
        connection.execute("PRAGMA query_only = ON")

    def run(self, form: dict) -> list[tuple]:
        """Execute a form and return its rows, tuples of numbers, text and None.

        Raises:
            ValueError: As in `check_form`, or if SQLite cannot run the query (thousands of
                conditions).
        """
        check_form(form, len(self.types))
        selected = ", ".join(map(self._selected, form["sel"], form["agg"]))
        conditions = [self._condition(*condition) for condition in form["conds"]]
        connective = f" {CONNECTIVES[form['cond_conn_op']]} "
        query = f"SELECT {selected} FROM cells WHERE {connective.join(text for text, _ in conditions)}"
        try:
            return self._connection.execute(query, [value for _, value in conditions]).fetchall()
        except sqlite3.Error as error:
            raise ValueError(f"SQLite cannot run a form of {len(conditions)} conditions: {error}.") from error

    def _selected(self, column, aggregation):
        name, function = _name(column), AGGREGATIONS[aggregation]
        if function in ("AVG", "SUM") or (function in ("MAX", "MIN") and self._by_number[column]):
            name = f"number({name})"
        return f"{function}({name})"

    def _condition(self, column, operator, value):
        name, text = _name(column), value_text(value)
        if self._by_number[column]:
            number = read_number(value)
            if operator < 2 or (number is not None and self.types[column] == "text"):
                return f"number({name}) {_OPERATORS[operator]} ?", number
            return f"{name} {_OPERATORS[operator]} ?", text if number is None else number
        return f"{name} {_OPERATORS[operator]} ?", value if isinstance(value, str) else text

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


def run_form(form: dict, table: TableLike) -> list[tuple]:
    """Execute a single form on a table and return its rows; `TableDatabase` is for several forms."""
    with TableDatabase(table) as database:
        return database.run(form)


def execution_matches(
    predicted: Sequence[dict], gold: Sequence[dict], table_ids: Sequence[str], tables: Mapping[str, TableLike]
) -> tuple[list[bool], list[bool]]:
    """Whether each predicted form has the result of its gold form.

    A predicted form that cannot be executed does not match. Empty gold results are easy to match,
    so the second list marks them for the caller's report.

    Args:
        predicted, gold: One form per question.
        table_ids: Id of the table of each question.
        tables: Tables by id.

    Returns:
        `(matches, empty)`: whether the results match, and whether the gold result is empty.

    Raises:
        ValueError: If the lists differ in length, a table is missing or a gold form cannot be
            executed.
    """
    if not len(predicted) == len(gold) == len(table_ids):
        raise ValueError(
            "`predicted`, `gold` and `table_ids` must have one entry per question. "
            f"Received lengths: {len(predicted)}, {len(gold)}, {len(table_ids)}."
        )
    if missing := set(table_ids) - set(tables):
        raise ValueError(
            f"`tables` must contain the table of every question. Missing: {sorted(missing)[:3]}."
        )
    matches, empty = [False] * len(gold), [False] * len(gold)
    by_table = {}
    for number, table_id in enumerate(table_ids):
        by_table.setdefault(table_id, []).append(number)
    for table_id, questions in by_table.items():
        with TableDatabase(tables[table_id]) as database:
            for number in questions:
                wanted = database.run(gold[number])
                empty[number] = is_empty_result(wanted, gold[number])
                with contextlib.suppress(ValueError):  # a form that cannot be executed does not match
                    matches[number] = same_result(database.run(predicted[number]), wanted)
    return matches, empty


def is_empty_result(rows: list[tuple], form: dict) -> bool:
    """Whether a result has no rows, or only aggregations of no rows: None, or a count of 0."""
    return not rows or (all(form["agg"]) and all(not cell for row in rows for cell in row))


def _name(column):
    return f"col_{int(column) + 1}"


def _cell(cell, kind, row):
    """What SQLite stores of a cell: a number, text or None."""
    number = read_number(cell) if kind == "real" else None
    if number is not None:
        return number
    try:
        text = None if cell is None else cell if isinstance(cell, str) else value_text(cell)
        if text is not None:
            text.encode("utf-8")
    except Exception as error:  # a lone surrogate, an integer of thousands of digits, another type
        raise ValueError(
            "A cell must be a number, None or text without lone surrogates. "
            f"Received: {shortened(cell)} in row {row}, counted from 0."
        ) from error
    if kind == "text":
        return text
    return None if _is_missing(cell) else text


def _is_missing(cell):
    return cell is None or cell != cell or (isinstance(cell, str) and cell.strip() in _MISSING)


def _all_quantities(cells):
    """Whether all cells of a text column that are not missing, at least one, are quantities."""
    texts = [cell for cell in cells if not _is_missing(cell)]
    return bool(texts) and all(
        is_quantity(cell) if isinstance(cell, str) else as_number(cell) is not None for cell in texts
    )
