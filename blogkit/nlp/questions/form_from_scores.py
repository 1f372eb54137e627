"""Decoding of a form from the scores of four heads, and the forms that they cannot express."""

from typing import NamedTuple

import numpy as np

from blogkit.nlp.questions.closest_text import closest_text
from blogkit.nlp.questions.protocols import TableLike
from blogkit.nlp.questions.question_labels import NO_VALUE, NOT_SELECTED, QuestionLabels, label_question
from blogkit.nlp.questions.sql_form import CONNECTIVES, as_number, same_form, value_text

EQUAL, UNEQUAL = 2, 3


class FormScores(NamedTuple):
    """Scores of each label from four heads: logits or probabilities, but probabilities for `columns`.

    Attributes:
        select: `(headers, 7)`.
        connective: `(3,)`.
        operators: `(characters, 5)`.
        columns: `(characters, headers)`.
    """

    select: np.ndarray
    connective: np.ndarray
    operators: np.ndarray
    columns: np.ndarray


class TableValues:
    """Cells of a table as texts.

    Attributes:
        columns: Set of the cells of each column.
        all: Set of all cells.

    Example:

    >>> from types import SimpleNamespace
    >>> values = TableValues(SimpleNamespace(header=["城市", "人口"], rows=[["北京", 2154.0]]))
    >>> values.columns
    [{'北京'}, {'2154'}]
    """

    def __init__(self, table: TableLike):
        self.columns = [
            {value_text(row[number]) for row in table.rows} for number in range(len(table.header))
        ]
        self.all = set().union(*self.columns)


def form_from_scores(question: str, scores: FormScores, values: TableValues, compat: bool = False) -> dict:
    """Decode a form from the scores of the four heads.

    Columns are selected if their best label is an aggregation. A value is a run of characters with
    the same best operator; its column has the highest mean score over the run. A run is split
    between adjacent cells of different columns. A value that is not a number can only be compared
    for equality: it is replaced by the closest cell of the table, and its column by the first
    column with that cell, if its own column lacks it. The connective is 0 for fewer than two
    conditions, else the better one of and and or.

    Args:
        question: Text of the question.
        scores: Scores of the four heads.
        values: Cells of the question's table.
        compat: Decode as the original code does: a value at the end of the question is lost,
            adjacent values are merged, and `-4.6` is not a number because of its sign.

    Returns:
        A form; its lists are empty if nothing is selected or no value is tagged.

    Raises:
        ValueError: If the shapes of the scores do not match the question and the table.

    Example: a value at the end of the question.

    >>> from types import SimpleNamespace
    >>> values = TableValues(SimpleNamespace(header=["城市", "气温"], rows=[["北京", -4.0]]))
    >>> form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[1, 1, "-4.6"]]}
    >>> scores = scores_of(label_question("哪些城市低于-4.6", form, columns=2))
    >>> form_from_scores("哪些城市低于-4.6", scores, values) == form
    True
    >>> form_from_scores("哪些城市低于-4.6", scores, values, compat=True)["conds"]
    []
    """
    shapes = [np.shape(part) for part in scores]
    width, length = len(values.columns), len(question)
    wanted = [(width, NOT_SELECTED + 1), (len(CONNECTIVES),), (length, NO_VALUE + 1), (length, width)]
    if shapes != wanted:
        raise ValueError(
            f"`scores` of {length} characters and {width} columns must have the shapes {wanted}. "
            f"Received: {shapes}."
        )
    runs = value_runs(question, scores, values, compat)
    columns = [int(np.mean(scores.columns[start:end], axis=0).argmax()) for start, end, _ in runs]
    conditions = [
        mended(column, operator, question[start:end], values, compat)
        for column, (start, end, operator) in zip(columns, runs)
    ]
    select = np.argmax(scores.select, axis=1).tolist()
    return assembled_form(select, int(np.argmax(scores.connective[1:])), conditions)


def assembled_form(select: list[int], connective: int, conditions: list[list]) -> dict:
    """A form of one label per header, 0 (and) or 1 (or), and conditions; equal conditions count once."""
    different = [
        condition for number, condition in enumerate(conditions) if condition not in conditions[:number]
    ]
    return {
        "sel": [column for column, label in enumerate(select) if label != NOT_SELECTED],
        "agg": [label for label in select if label != NOT_SELECTED],
        "cond_conn_op": 0 if len(different) < 2 else 1 + connective,
        "conds": different,
    }


def value_runs(question: str, scores: FormScores, values: TableValues, compat: bool = False) -> list[tuple]:
    """`(start, end, operator)` of each value in the question, as `form_from_scores` reads them."""
    operators = np.argmax(scores.operators, axis=1) if len(question) else np.zeros(0, int)
    found = []
    for run in _runs(operators):
        if compat and run[1] == len(question):
            continue
        parts = [run] if compat else _cells(question, *run, operators[run[0]], scores, values)
        found += [(start, end, int(operators[start])) for start, end in parts]
    return found


def _runs(operators):
    """`(start, end)` of each maximal run of characters with one operator."""
    edges = [0, *(np.flatnonzero(np.diff(operators)) + 1).tolist(), len(operators)]
    return [
        (start, end) for start, end in zip(edges, edges[1:]) if start < end and operators[start] != NO_VALUE
    ]


def _cells(question, start, end, operator, scores, values):
    """A run, or its parts if these are cells of different columns and the whole run is not a cell."""
    best = np.argmax(scores.columns[start:end], axis=1)
    edges = [start, *(np.flatnonzero(np.diff(best)) + 1 + start).tolist(), end]
    parts = list(zip(edges, edges[1:]))
    cells = all(question[a:b] in values.columns[best[a - start]] for a, b in parts)
    if operator in (EQUAL, UNEQUAL) and cells and question[start:end] not in values.all:
        return parts
    return [(start, end)]


def mended(column: int, operator: int, value: str, values: TableValues, compat: bool = False) -> list:
    """Condition that the table can answer: a value that is not a number becomes a cell."""
    digits = all(character.isdigit() or character == "." for character in value)
    number = digits if compat else as_number(value) is not None
    if not number:
        operator = UNEQUAL if operator == UNEQUAL and not compat else EQUAL
    if values.all and (operator == EQUAL or operator == UNEQUAL and not number):
        if value_text(value) not in values.all:
            value = closest_text(value, values.all, prefer=values.columns[column])
        if value_text(value) not in values.columns[column]:
            column = next(number for number, cells in enumerate(values.columns) if value_text(value) in cells)
    return [column, operator, value]


def scores_of(labels: QuestionLabels) -> FormScores:
    """One-hot `FormScores` of `QuestionLabels`: 1 for each label, 0 elsewhere."""
    width = len(labels.select)
    return FormScores(
        np.eye(NOT_SELECTED + 1)[labels.select],
        np.eye(len(CONNECTIVES))[labels.connective],
        np.eye(NO_VALUE + 1)[labels.operators],
        np.eye(width)[labels.columns],
    )


def form_from_labels(
    question: str, labels: QuestionLabels, values: TableValues, compat: bool = False
) -> dict:
    """Decode a form from `QuestionLabels`, as `form_from_scores` does from scores."""
    return form_from_scores(question, scores_of(labels), values, compat)


def why_inexpressible(question: str, form: dict, values: TableValues, compat: bool = False) -> str:
    """Reason why labels cannot express a form; empty if they can.

    Labels the question and decodes the labels. The share of forms that survive is an upper bound
    for every network with these four heads.

    Example:

    >>> from types import SimpleNamespace
    >>> values = TableValues(SimpleNamespace(header=["收入", "支出"], rows=[[5.0, 7.0]]))
    >>> form = {"sel": [0], "agg": [4], "cond_conn_op": 1, "conds": [[0, 0, "3"], [1, 0, "3"]]}
    >>> why_inexpressible("收入和支出都大于3的有几个", form, values)
    'conditions share characters'
    >>> why_inexpressible("收入大于3且支出大于3的有几个", form, values)
    ''
    """
    labels = label_question(question, form, len(values.columns), compat)
    if same_form(form_from_labels(question, labels, values, compat), form):
        return ""
    texts = [str(value) for _, _, value in form["conds"]]
    if len(set(form["sel"])) < len(form["sel"]):
        return "a column is selected twice"
    if (len(texts) > 1) != (form["cond_conn_op"] > 0):
        return "the connective does not fit"
    if any(text not in question for text in texts):
        return "a value is not in the question"
    if len(set(texts)) < len(texts):
        return "conditions share characters"
    if compat and any(question.endswith(text) for text in texts):
        return "a value ends the question"
    return "another reason"
