"""The same questions to tables whose columns stand in another order."""

import zlib

import numpy as np

from blogkit.checks import check_count
from blogkit.nlp.questions.question_arrays import check_questions
from blogkit.nlp.questions.sql_form import check_form


def reorder_columns(questions, tables, seed):
    """Questions and their tables with each table's columns in a random order.

    The forms go along, so that every answer stays. A network that sees one order of a kind of
    table may learn which place is asked for; of several orders it can only learn the names.

    Args:
        questions: Named tuples with `question`, `table_id` and `sql`, as `blogkit.datasets.TableQuestion`.
        tables: Tables by id, named tuples with `header`, `types` and `rows`, as `blogkit.datasets.Table`.
        seed: Of the orders, a non-negative integer. A table's order depends on its id and this
            alone; it may be the one that it has.

    Returns:
        `(questions, tables)`, new ones; of the tables those that are asked. What was given is as it was.

    Raises:
        ValueError: If a question is no text, its table is missing or its form does not fit the
            table, or for a wrong `seed`.

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
