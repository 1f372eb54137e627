"""The k best forms of a question, and the first of them that the table answers."""

import heapq
from collections.abc import Iterable

import numpy as np

from blogkit.checks import check_count
from blogkit.nlp.questions.form_from_scores import (
    FormScores,
    TableValues,
    assembled_form,
    form_from_scores,
    mended,
    value_runs,
)
from blogkit.nlp.questions.sql_form import OPERATORS
from blogkit.nlp.questions.table_database import TableDatabase, is_empty_result


def best_forms(question: str, scores: FormScores, values: TableValues, count: int = 5) -> list[dict]:
    """The `count` most probable forms, the one of `form_from_scores` first.

    The values in the question are read once. What varies are the label of each header, column and
    operator of each value, and the connective; a form has the product of their probabilities. Forms that
    become equal, because a value is mended to a cell of the table, are listed once.

    Args:
        question, values: As for `form_from_scores`.
        scores: As for `form_from_scores`, with logits for all but `columns`.
        count: Number of forms, at least 1; there may be fewer.

    Raises:
        ValueError: As `form_from_scores`, or if `count` is below 1.

    Example:

    >>> from types import SimpleNamespace
    >>> values = TableValues(SimpleNamespace(header=["城市", "气温"], rows=[["北京", -4.0]]))
    >>> select, operators = np.full((2, 7), -9.0), np.full((1, 5), -9.0)
    >>> select[0, 0], select[1, 6], select[1, 0], operators[0, 0] = 5, 5, 4, 5
    >>> scores = FormScores(select, np.zeros(3), operators, np.array([[0.1, 0.9]]))
    >>> [form["sel"] for form in best_forms("9", scores, values, count=2)]
    [[0], [0, 1]]
    """
    check_count("count", count, 1)
    forms = [form_from_scores(question, scores, values)]
    runs = value_runs(question, scores, values)
    choices = [_ranked(_log_softmax(row)) for row in np.asarray(scores.select, float)]
    choices.append(_ranked(_log_softmax(np.asarray(scores.connective, float)[1:])))
    for start, end, _ in runs:
        with np.errstate(divide="ignore"):
            choices.append(_ranked(np.log(np.mean(scores.columns[start:end], axis=0))))
        labels = np.asarray(scores.operators, float)[start:end, : len(OPERATORS)]
        choices.append(_ranked(np.mean(_log_softmax(labels), axis=0)))
    for picked in _most_probable(choices, 20 * count):
        if len(forms) >= count:
            break
        form = _form(question, runs, picked, len(scores.select), values)
        if form not in forms:
            forms.append(form)
    return forms


def _form(question, runs, picked, width, values):
    select, connective, rest = picked[:width], picked[width], picked[width + 1 :]
    conditions = [
        mended(column, operator, question[start:end], values)
        for (start, end, _), column, operator in zip(runs, rest[::2], rest[1::2])
    ]
    return assembled_form(select, connective, conditions)


def _log_softmax(scores):
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _ranked(log_probabilities):
    """`(log probability, label)`, the most probable first; impossible ones are left out."""
    order = np.argsort(-log_probabilities, kind="stable")
    kept = [label for number, label in enumerate(order) if not number or log_probabilities[label] > -np.inf]
    return [(float(log_probabilities[label]), int(label)) for label in kept]


def _most_probable(choices, at_most):
    """Combinations of one label of each choice, by falling sum of log probabilities."""
    first = (0,) * len(choices)
    heap, seen = [(0.0, first)], {first}
    for _ in range(at_most):
        if not heap:
            return
        loss, ranks = heapq.heappop(heap)
        yield [ranked[rank][1] for ranked, rank in zip(choices, ranks)]
        for place, ranked in enumerate(choices):
            further = (*ranks[:place], ranks[place] + 1, *ranks[place + 1 :])
            if further[place] < len(ranked) and further not in seen:
                seen.add(further)
                step = ranked[ranks[place]][0] - ranked[further[place]][0]
                heapq.heappush(heap, (loss + step, further))


def first_answered(forms: Iterable[dict], database: TableDatabase) -> dict:
    """The first form that the table answers with something, else the first one.

    Execution-guided decoding (Wang and others, 2018, arXiv 1807.03100): a form that cannot run, has no
    rows, or aggregates none is probably wrong.

    Raises:
        ValueError: If there are no forms.
    """
    forms = list(forms)
    if not forms:
        raise ValueError("`forms` must hold at least one form. Received: none.")
    for form in forms:
        try:
            rows = database.run(form)
        except ValueError:
            continue
        if not is_empty_result(rows, form):
            return form
    return forms[0]
