"""Execution of forms against plain Python, with hostile text, missing cells and wrong forms."""

import operator
from types import SimpleNamespace

import numpy as np
import pytest

from blogkit.nlp import TableDatabase, execution_matches, run_form, same_result

# Two columns of one name, "None" in a real column, a number in a text column.
TABLE = SimpleNamespace(
    header=["城市", "同比", "同比", "年"],
    types=["text", "real", "real", "text"],
    rows=[
        ["北京", 10.5, "None", 2013.0],
        ["上海", -4.6, 3.0, "2014"],
        ["广州", "8", "", "2014"],
        ["col_1", None, float("nan"), "x"],
        ["北京", "viel", 1, "2013"],
    ],
)
INJECTIONS = [
    'x"; DROP TABLE cells; --',
    "x'; DROP TABLE cells; --",
    "' OR '1'='1",
    '" OR ""="',
    "col_1",
    '"col_1"',
    "?",
    ":a",
    "\0",
    "%",
    "cells",
    "1); DELETE FROM cells; --",
    "x' UNION SELECT sql FROM sqlite_master --",
]


def ask(select, *conditions, aggregation=0, connective=1):
    form = {
        "sel": [select],
        "agg": [aggregation],
        "cond_conn_op": connective,
        "conds": list(map(list, conditions)),
    }
    return run_form(form, TABLE)


@pytest.mark.parametrize(
    ("conditions", "cities"),
    [
        (
            [(1, 0, "-5")],
            ["北京", "上海", "广州"],
        ),  # numbers only: neither None nor "viel", which SQLite ranks above numbers
        ([(1, 0, "8")], ["北京"]),
        ([(1, 1, 0)], ["上海"]),
        ([(1, 2, "10.50")], ["北京"]),
        ([(1, 2, "8.0")], ["广州"]),
        ([(1, 2, "viel")], ["北京"]),
        ([(1, 0, "viele")], []),
        ([(1, 1, "viele")], []),
        ([(2, 0, "0")], ["上海", "北京"]),  # the other column of that name
        ([(2, 2, "None")], []),
        ([(2, 3, "3")], ["北京"]),  # what is missing is not unequal either
        ([(3, 2, "2013")], ["北京", "北京"]),
        ([(3, 3, "2014")], ["北京", "col_1", "北京"]),
        ([(0, 2, "col_1")], ["col_1"]),  # the official engine takes "col_1" for the column: every row
        ([(0, 2, "北京"), (3, 2, "2014")], []),
    ],
)
def test_conditions(conditions, cities):
    assert ask(0, *conditions) == [(city,) for city in cities]


def test_or_takes_either():
    assert ask(0, (0, 2, "广州"), (3, 2, "x"), connective=2) == [("广州",), ("col_1",)]


@pytest.mark.parametrize(
    ("aggregation", "column", "value"),
    [
        (1, 1, (10.5 - 4.6 + 8) / 3),
        (2, 1, 10.5),
        (3, 1, -4.6),
        (4, 1, 4),
        (5, 1, 10.5 - 4.6 + 8),
        (5, 3, 2013 + 2014 + 2014 + 2013),
        (2, 3, "x"),
        (5, 0, None),
        (4, 0, 5),
    ],
)
def test_aggregations_take_numbers_only(aggregation, column, value):
    found = ask(column, (0, 3, "nobody"), aggregation=aggregation)
    assert same_result(found, [(value,)])


WRITTEN = [["1,234"], ["12%"], ["３．５"], ["−2"], ["+7"], ["1,2"], ["一"], [""], ["None"]]


def test_numbers_as_tables_write_them_are_read_and_what_is_not_is_listed():
    table = SimpleNamespace(header=["a"], types=["real"], rows=WRITTEN)
    form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[0, 0, "-100"]]}
    with TableDatabase(table) as database:
        assert database.run(form) == [(1234.0,), (12.0,), (3.5,), (-2.0,), (7.0,)]
        assert database.run(form | {"conds": [[0, 2, "1,234.0"]]}) == [(1234.0,)]
        assert database.run(form | {"conds": [[0, 1, "１％"]]}) == [(-2.0,)]
        assert database.unread == [(5, 0, "1,2"), (6, 0, "一")]
    with TableDatabase(TABLE) as database:
        assert database.unread == [(4, 1, "viel")]


@pytest.mark.parametrize(
    ("cells", "condition", "found"),
    [
        (["9", "100", "20"], (0, "9"), ["100", "20"]),
        (["9", "100", "20"], (1, "９０"), ["9", "20"]),
        (["2013", "2014.0"], (2, "2013.0"), ["2013"]),
        (["2013", "2014.0"], (3, "2014"), ["2013"]),
        (["1,000", "900"], (0, "950"), ["1,000"]),
        (["5%", None, ""], (0, "4"), ["5%"]),
        (["007", "7"], (2, "7"), ["7"]),  # codes
        (["007", "7"], (0, "1"), ["7"]),  # ordered as text
        (["6222021234567890123", "6222021234567890124"], (2, "6222021234567890123"), ["6222021234567890123"]),
        (["2019-05-01", "2020-01-01"], (0, "2019-12-31"), ["2020-01-01"]),
        (["9", "100", "x"], (0, "8"), ["9", "x"]),  # not all numbers: ordered as text
        (["9", "100"], (0, "x"), []),
        (["9", "100"], (2, "x"), []),
        ([9.0, "100"], (0, "8"), ["9", "100"]),
    ],
)
def test_text_columns_of_numbers_are_compared_by_number(cells, condition, found):
    table = SimpleNamespace(header=["a"], types=["text"], rows=[[cell] for cell in cells])
    form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[0, *condition]]}
    assert run_form(form, table) == [(cell,) for cell in found]


def test_the_largest_of_a_text_column_of_numbers():
    table = SimpleNamespace(header=["a", "b"], types=["text", "text"], rows=[["9", "x"], ["100", "x"]])
    form = {"sel": [0], "agg": [2], "cond_conn_op": 0, "conds": [[1, 2, "x"]]}
    assert run_form(form, table) == [(100.0,)] and run_form(form | {"agg": [3]}, table) == [(9.0,)]


def test_against_plain_python(rng):
    """Random tables and forms of numbers and text, against comparisons in Python."""
    compare = (operator.gt, operator.lt, operator.eq, operator.ne)
    for _ in range(60):
        rows = [[f"w{rng.integers(4)}", float(rng.integers(6)), float(rng.integers(6))] for _ in range(12)]
        table = SimpleNamespace(header=list("abc"), types=["text", "real", "real"], rows=rows)
        conditions = []
        for _ in range(rng.integers(1, 4)):
            column = int(rng.integers(3))
            value = f"w{rng.integers(4)}" if column == 0 else str(rng.integers(6))
            conditions.append([column, int(rng.integers(4)), value])
        connective = int(rng.integers(1, 3))
        form = {"sel": [0, 2], "agg": [0, 0], "cond_conn_op": connective, "conds": conditions}
        holds = [
            (any if connective == 2 else all)(
                compare[sign](row[column], value if column == 0 else float(value))
                for column, sign, value in conditions
            )
            for row in rows
        ]
        assert run_form(form, table) == [(row[0], row[2]) for row, one in zip(rows, holds) if one]


@pytest.mark.parametrize("value", INJECTIONS)
def test_values_are_never_sql(value):
    with TableDatabase(TABLE) as database:
        form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[0, 2, value]]}
        assert database.run(form) == ([("col_1",)] if value == "col_1" else [])
        form = {"sel": [0], "agg": [4], "cond_conn_op": 0, "conds": [[0, 3, "nobody"]]}
        assert database.run(form) == [(5,)]


@pytest.mark.parametrize("text", INJECTIONS)
def test_headers_and_cells_are_never_sql(text):
    table = SimpleNamespace(
        header=[text, text], types=["text", "real"], rows=[[text, 1.0], ["b", 2.0]], name=text
    )
    form = {"sel": [1], "agg": [0], "cond_conn_op": 0, "conds": [[0, 2, text]]}
    assert run_form(form, table) == [(1.0,)]


def test_the_database_cannot_be_written():
    with TableDatabase(TABLE) as database:
        for text in ("DELETE FROM cells", "DROP TABLE cells", "CREATE TABLE more (a)"):
            with pytest.raises(Exception, match="readonly"):
                database._connection.execute(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"types": ["text"]}, "Received: 4 names, 1 types"),
        (
            {"types": ["text", "real", "real", "date"]},
            "`types` of a table must be 'text' or 'real'. Received: .'date'",
        ),
        ({"rows": [["北京"]]}, r"rows of \[1\] cells"),
        ({"header": [], "types": [], "rows": []}, "`table` must have at least one column"),
    ],
)
def test_what_is_no_table(change, words):
    with pytest.raises(ValueError, match=words):
        TableDatabase(SimpleNamespace(**vars(TABLE) | change))


@pytest.mark.parametrize("kind", ["text", "real"])
@pytest.mark.parametrize("cell", ["北京\ud800", 10**5000], ids=["surrogate", "5,000 digits"])
def test_cells_that_sqlite_cannot_store_are_named(cell, kind):
    table = SimpleNamespace(header=["a"], types=[kind], rows=[["x"], [cell]])
    with pytest.raises(ValueError, match="A cell must be a number.* in row 1, counted from 0") as error:
        TableDatabase(table)
    str(error.value).encode("utf-8")


def test_a_table_without_rows_answers_nothing():
    empty = SimpleNamespace(header=["a"], types=["real"], rows=[])
    form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[0, 0, "1"]]}
    assert run_form(form, empty) == [] and run_form(form | {"agg": [4]}, empty) == [(0,)]


def test_more_than_sqlite_takes_is_a_value_error():
    form = {"sel": [0], "agg": [0], "cond_conn_op": 1, "conds": 5000 * [[0, 2, "x"]]}
    with pytest.raises(ValueError, match="5000 conditions"):
        run_form(form, TABLE)
    wide = SimpleNamespace(header=3000 * ["a"], types=3000 * ["real"], rows=[])
    with pytest.raises(ValueError, match="3000 columns"):
        TableDatabase(wide)


def test_execution_matches_counts_wrong_forms_and_marks_empty_results():
    tables = {"t": TABLE, "u": TABLE}
    gold = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[1, 0, "8"]]}
    other = gold | {"conds": [[1, 2, "10.5"]]}  # another form, the same result
    wrong = gold | {"conds": [[1, 0, "-5"]]}
    nothing = gold | {"conds": [[1, 0, "99"]]}
    predicted = [gold, other, wrong, gold | {"sel": []}, gold | {"sel": [7]}, nothing]
    matches, empty = execution_matches(predicted, 5 * [gold] + [nothing], list("tutttt"), tables)
    assert matches == [True, True, False, False, False, True] and empty == 5 * [False] + [True]
    count = gold | {"agg": [4], "conds": [[1, 0, "99"]]}
    assert execution_matches([count], [count], ["t"], tables) == ([True], [True])
    with pytest.raises(ValueError, match="list 'sel'"):
        execution_matches(
            [gold], [gold | {"sel": []}], ["t"], tables
        )  # a wrong gold form is no miss of the model
    with pytest.raises(ValueError, match="Missing: .'v'"):
        execution_matches([gold], [gold], ["v"], tables)
    with pytest.raises(ValueError, match="1, 1, 2"):
        execution_matches([gold], [gold], ["t", "t"], tables)


def test_numpy_integers_are_columns_too():
    assert ask(np.int64(0), (np.int32(1), np.int8(0), np.float64(8))) == [("北京",)]
