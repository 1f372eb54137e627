"""The k best forms against all combinations, and the first that a table answers."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest

from blogkit.nlp import (
    FormScores,
    TableDatabase,
    TableValues,
    best_forms,
    first_answered,
    form_from_scores,
)

TABLE = SimpleNamespace(
    header=["城市", "人口", "面积"],
    types=["text", "real", "real"],
    rows=[["北京", 2154.0, 16411.0], ["苏州", 1072.0, 8657.0]],
)
VALUES = TableValues(TABLE)


def random_scores(rng, length, width=3):
    columns = rng.random((length, width))
    return FormScores(
        2 * rng.normal(size=(width, 7)),
        rng.normal(size=3),
        3 * rng.normal(size=(length, 5)),
        columns / columns.sum(axis=1, keepdims=True),
    )


def test_the_first_is_the_most_probable_and_all_differ(rng):
    for _ in range(300):
        question = "".join(rng.choice(list("大于1072北京苏州"), rng.integers(0, 9)))
        scores = random_scores(rng, len(question))
        forms = best_forms(question, scores, VALUES, count=6)
        assert forms[0] == form_from_scores(question, scores, VALUES)
        assert 1 <= len(forms) <= 6 and all(form not in forms[:number] for number, form in enumerate(forms))
        assert best_forms(question, scores, VALUES, count=1) == forms[:1]


def log_softmax(scores):
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def test_the_order_is_that_of_all_combinations(rng):
    """One number as the value, which no cell replaces: its column and operator, and the headers' labels."""
    for _ in range(20):
        scores = random_scores(rng, 2, width=2)
        scores.operators[:, 4] = -9  # both characters belong to a value, and to the same one
        scores.operators[1] = scores.operators[0]
        values = TableValues(SimpleNamespace(header=["a", "b"], rows=[]))
        select, operators = log_softmax(scores.select), log_softmax(scores.operators[0, :4])
        columns = np.log(scores.columns.mean(axis=0))
        ranked = sorted(
            (
                -(select[0, one] + select[1, other] + columns[column] + operators[operator]),
                [(0, one), (1, other)],
                [[column, operator, "10"]],
            )
            for one, other, column, operator in product(range(7), range(7), range(2), range(4))
        )
        expected = [
            (
                [column for column, label in labels if label != 6],
                [label for _, label in labels if label != 6],
                conds,
            )
            for _, labels, conds in ranked[:8]
        ]
        forms = best_forms("10", scores, values, count=8)
        assert [(form["sel"], form["agg"], form["conds"]) for form in forms] == expected


def form(select, condition, aggregation=0):
    return {"sel": select, "agg": [aggregation] * len(select), "cond_conn_op": 0, "conds": [condition]}


@pytest.mark.parametrize(
    "unanswered",
    [
        form([0], [1, 0, "9999"]),  # no rows
        form([1], [1, 0, "9999"], aggregation=5),  # a sum of nothing
        form([0], [1, 0, "9999"], aggregation=4),  # a count of nothing
        form([], [1, 0, "1"]),  # cannot run
        form([7], [1, 0, "1"]),
    ],
)
def test_the_first_that_the_table_answers(unanswered):
    good, also = form([0], [1, 0, "2000"]), form([0], [1, 0, "1"])
    with TableDatabase(TABLE) as database:
        assert first_answered([unanswered, good, also], database) is good
        assert first_answered([also, unanswered, good], database) is also
        assert first_answered([unanswered, unanswered], database) is unanswered


def test_what_is_refused(rng):
    with TableDatabase(TABLE) as database, pytest.raises(ValueError, match="at least one form"):
        first_answered([], database)
    with pytest.raises(ValueError, match="count=0"):
        best_forms("1", random_scores(rng, 1), VALUES, count=0)
    with pytest.raises(ValueError, match="must have the shapes"):
        best_forms("12", random_scores(rng, 1), VALUES)
