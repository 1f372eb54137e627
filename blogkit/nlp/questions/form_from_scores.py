"""What four heads say of a question, read as a form; and which forms they cannot say."""

from typing import NamedTuple

import numpy as np

from blogkit.nlp.questions.closest_text import closest_text
from blogkit.nlp.questions.question_labels import NO_VALUE, NOT_SELECTED, label_question
from blogkit.nlp.questions.sql_form import CONNECTIVES, as_number, same_form, value_text

EQUAL, UNEQUAL = 2, 3


class FormScores(NamedTuple):
    """How likely four heads hold each label to be: logits or probabilities, `columns` probabilities.

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
    """The cells of a table as texts: `columns`, a set for each column, and `all` of them.

    >>> from types import SimpleNamespace
    >>> values = TableValues(SimpleNamespace(header=["城市", "人口"], rows=[["北京", 2154.0]]))
    >>> values.columns
    [{'北京'}, {'2154'}]
    """

    def __init__(self, table):
        self.columns = [
            {value_text(row[number]) for row in table.rows} for number in range(len(table.header))
        ]
        self.all = set().union(*self.columns)


def form_from_scores(question, scores, values, compat=False):
    """The form that the scores of the four heads state.

    Selected are the columns whose best label is an aggregation. A value is a run of characters with
    the same best operator, its column the one with the highest mean over the run. A run also ends
    between two cells of different columns that stand side by side. A value that is no number can only be
    compared for equality; then it becomes the nearest cell of the table, and if that
    stands in other columns only, the column is the first of those. The connective is 0 for fewer than
    two conditions, else the better of and and or.

    Args:
        question: Text.
        scores: `FormScores`.
        values: `TableValues` of the question's table.
        compat: As the original: a value at the question's very end is lost, values side by side
            are one, and `-4.6` counts as no number because of its sign.

    Returns:
        A form; its lists are empty where nothing is selected or no value is tagged.

    Raises:
        ValueError: If the scores do not fit the question and the table.

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
            f"A question of {length} characters and a table of {width} columns have scores of shapes "
            f"{wanted}. "
            f"Received: {shapes}."
        )
    select = np.argmax(scores.select, axis=1)
    operators = np.argmax(scores.operators, axis=1) if length else np.zeros(0, int)
    conditions = []
    for run in _runs(operators):
        if compat and run[1] == length:
            continue
        for start, end in [run] if compat else _cells(question, *run, operators[run[0]], scores, values):
            column = int(np.mean(scores.columns[start:end], axis=0).argmax())
            condition = _mended(column, int(operators[start]), question[start:end], values, compat)
            if condition not in conditions:
                conditions.append(condition)
    return {
        "sel": [int(column) for column in np.flatnonzero(select != NOT_SELECTED)],
        "agg": [int(label) for label in select if label != NOT_SELECTED],
        "cond_conn_op": 0 if len(conditions) < 2 else 1 + int(np.argmax(scores.connective[1:])),
        "conds": conditions,
    }


def _runs(operators):
    """(start, end) of each longest run of characters with one operator."""
    edges = [0, *(np.flatnonzero(np.diff(operators)) + 1).tolist(), len(operators)]
    return [
        (start, end) for start, end in zip(edges, edges[1:]) if start < end and operators[start] != NO_VALUE
    ]


def _cells(question, start, end, operator, scores, values):
    """A run, or its parts if these are cells of different columns and the whole is none."""
    best = np.argmax(scores.columns[start:end], axis=1)
    edges = [start, *(np.flatnonzero(np.diff(best)) + 1 + start).tolist(), end]
    parts = list(zip(edges, edges[1:]))
    cells = all(question[a:b] in values.columns[best[a - start]] for a, b in parts)
    if operator in (EQUAL, UNEQUAL) and cells and question[start:end] not in values.all:
        return parts
    return [(start, end)]


def _mended(column, operator, value, values, compat):
    """A condition that the table can answer: what is no number equals some cell."""
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


def scores_of(labels):
    """`FormScores` that are sure of `QuestionLabels`: 1 for each label, 0 for all others."""
    width = len(labels.select)
    return FormScores(
        np.eye(NOT_SELECTED + 1)[labels.select],
        np.eye(len(CONNECTIVES))[labels.connective],
        np.eye(NO_VALUE + 1)[labels.operators],
        np.eye(width)[labels.columns],
    )


def form_from_labels(question, labels, values, compat=False):
    """The form that `QuestionLabels` state: `form_from_scores` of labels instead of scores."""
    return form_from_scores(question, scores_of(labels), values, compat)


def why_inexpressible(question, form, values, compat=False):
    """Why labels cannot state a form, or an empty string where they can.

    Labels the question and reads the labels back. What does not come back bounds from above what
    any network with these four heads can get right.

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
