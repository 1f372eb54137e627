"""Labels of a question: its form as tags of characters and headers, as in the article."""

from typing import NamedTuple

import numpy as np

from blogkit.nlp.questions.closest_text import closest_fragment
from blogkit.nlp.questions.sql_form import AGGREGATIONS, OPERATORS, as_number, value_text

NOT_SELECTED = len(AGGREGATIONS)
NO_VALUE = len(OPERATORS)


class QuestionLabels(NamedTuple):
    """Labels of a question for the four heads.

    Attributes:
        select: `(headers,)`, the aggregation of each selected column, 6 for other columns.
        connective: 0 none, 1 and, 2 or.
        operators: `(characters,)`, the operator of the value around a character, 4 outside of values.
        columns: `(characters,)`, the column of that value, 0 outside of values.
    """

    select: np.ndarray
    connective: int
    operators: np.ndarray
    columns: np.ndarray


def label_question(question: str, form: dict, columns: int, compat: bool = False) -> QuestionLabels:
    """Label a question with its form.

    A value is tagged at its first free occurrence in the question, longer values first; for a
    number, an occurrence without adjacent digits is preferred. A value that does not occur is
    tagged at the closest fragment (`closest_fragment`). `form_from_labels` is the inverse. Forms
    that it does not restore cannot be expressed by these labels: two conditions on the same
    characters, or a column that is selected twice.

    Args:
        question: Text of the question.
        form: SQL as a form; it is not modified.
        columns: Number of columns of the table.
        compat: Tag as the original code does: in the order of the form, always at the first
            occurrence, later values overwriting earlier ones.

    Raises:
        ValueError: If the form refers to a column out of range.

    Example:

    >>> form = {"sel": [0], "agg": [4], "cond_conn_op": 0, "conds": [[1, 0, "20"]]}
    >>> labels = label_question("几座城市高于20", form, columns=2)
    >>> labels.select.tolist(), labels.operators.tolist(), labels.columns.tolist()
    ([4, 6], [4, 4, 4, 4, 4, 4, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1])
    """
    select = np.full(columns, NOT_SELECTED, "int32")
    operators = np.full(len(question), NO_VALUE, "int32")
    tagged = np.zeros(len(question), "int32")
    for column in (*form["sel"], *(condition[0] for condition in form["conds"])):
        if not 0 <= column < columns:
            raise ValueError(f"Columns of `form` must be 0 to {columns - 1}. Received: column {column}.")
    for column, aggregation in zip(form["sel"], form["agg"]):
        select[column] = aggregation
    conditions = form["conds"]
    if not compat:
        conditions = sorted(conditions, key=lambda condition: -len(str(condition[2])))
    for column, operator, value in conditions:
        start, end = _place(question, value, operators, compat)
        if compat or (operators[start:end] == NO_VALUE).all():
            operators[start:end] = operator
            tagged[start:end] = column
    return QuestionLabels(select, int(form["cond_conn_op"]), operators, tagged)


def _place(question, value, operators, compat):
    """`(start, end)` of a value in the question, or of the closest fragment."""
    for text in dict.fromkeys((str(value), value_text(value))):
        places = [] if not text else _occurrences(question, text)
        if not compat:
            free = [place for place in places if (operators[place : place + len(text)] == NO_VALUE).all()]
            whole = [place for place in free if _stands_alone(question, text, place)]
            places = whole or free or places
        if places:
            return places[0], places[0] + len(text)
    return closest_fragment(value_text(value), question)


def _occurrences(question, text):
    return [place for place in range(len(question) - len(text) + 1) if question.startswith(text, place)]


def _stands_alone(question, text, place):
    """Whether a number has no adjacent digit; other texts always stand alone."""
    end = place + len(text)
    around = question[place - 1 : place] + question[end : end + 1]
    return as_number(text) is None or not any(character in "0123456789." for character in around)
