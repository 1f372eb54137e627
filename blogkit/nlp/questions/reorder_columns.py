"""Data augmentation: the same questions about tables with reordered columns."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from blogkit.checks import check_count
from blogkit.nlp.questions.protocols import QuestionLike, TableLike
from blogkit.nlp.questions.question_arrays import check_questions
from blogkit.nlp.questions.sql_form import check_form


def reorder_columns(
    questions: Sequence[QuestionLike], tables: Mapping[str, TableLike], seed: int
) -> tuple[list[QuestionLike], dict[str, TableLike]]:
    """Put the columns of each table in a random order, and adapt the questions' forms.

    Every answer stays the same. A network that sees one column order may learn positions instead
    of names; with several orders it can only learn names.

    Args:
        questions: Named tuples with `question`, `table_id` and `sql`, such as
            `blogkit.datasets.TableQuestion`.
        tables: Tables by id, named tuples with `header`, `types` and `rows`, such as
            `blogkit.datasets.Table`.
        seed: Seed of the orders, a non-negative integer. The order of a table depends only on its
            id and this seed; it may be the original order.

    Returns:
        New `(questions, tables)`, with only the tables in use. The arguments are not modified.

    Raises:
        ValueError: If a question is not a string, its table is missing, its form does not fit the
            table, or `seed` is not a non-negative integer.

    Example:

    >>> from blogkit.datasets import Table, TableQuestion
    >>> header, types = ["城市", "人口", "面积"], ["text", "real", "real"]
    >>> table = Table("t", "", "", header, types, [["北京", 2154.0, 16410.0]])
    >>> sql = {"sel": [1], "agg": [0], "cond_conn_op": 0, "conds": [[0, 2, "北京"]]}
    >>> questions, tables = reorder_columns([TableQuestion("北京的人口", "t", sql)], {"t": table}, seed=2)
    >>> tables["t"].header, questions[0].sql["sel"], questions[0].sql["conds"]
    (['面积', '城市', '人口'], [2], [[1, 2, '北京']])
    """
    check_count("seed", seed, 0)
    check_questions(questions, tables)
    asked = dict.fromkeys(question.table_id for question in questions)
    orders = {id: _order(id, len(tables[id].header), seed) for id in asked}
    moved = [question._replace(sql=_moved(question.sql, orders[question.table_id])) for question in questions]
    return moved, {id: _turned(tables[id], order) for id, order in orders.items()}


def _order(id, columns, seed):
    return np.random.default_rng([seed, zlib.crc32(str(id).encode())]).permutation(columns).tolist()


def _moved(sql, order):
    check_form(sql, len(order))
    conditions = [[order.index(column), operator, value] for column, operator, value in sql["conds"]]
    return {**sql, "sel": [order.index(column) for column in sql["sel"]], "conds": conditions}


def _turned(table, order):
    def turned(row):
        return [row[column] for column in order]

    return table._replace(
        header=turned(table.header), types=turned(table.types), rows=[turned(row) for row in table.rows]
    )
