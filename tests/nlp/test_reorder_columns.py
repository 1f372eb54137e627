"""Reordered columns: every answer stays, no argument is modified."""

import copy

import pytest

from blogkit.datasets import generated_questions
from blogkit.nlp import reorder_columns, run_form, same_form


@pytest.fixture(scope="module")
def asked():
    found = generated_questions(train=200, valid=1, unseen=0)
    return found.train, found.tables


def test_every_answer_stays(asked):
    questions, tables = asked
    again, turned = reorder_columns(questions, tables, seed=1)
    assert [question[:2] for question in again] == [question[:2] for question in questions]
    assert (
        sum(same_form(new.sql, old.sql) for new, old in zip(again, questions)) < 20
    )  # nearly all forms moved
    for question, new in zip(questions, again):
        here = run_form(new.sql, turned[question.table_id])
        assert here == run_form(question.sql, tables[question.table_id])


def test_cells_go_with_their_header_and_type(asked):
    questions, tables = asked
    _, turned = reorder_columns(questions, tables, seed=1)
    assert set(turned) == {question.table_id for question in questions}
    for id, table in turned.items():
        old = tables[id]
        assert table[:3] == old[:3] and len(table.rows) == len(old.rows)
        columns = sorted(zip(table.header, table.types, *table.rows), key=str)
        assert columns == sorted(zip(old.header, old.types, *old.rows), key=str)


def test_what_was_given_is_as_it_was(asked):
    questions, tables = asked
    before = copy.deepcopy(asked)
    reorder_columns(questions, tables, seed=3)
    assert (questions, tables) == before


def test_an_order_depends_on_the_table_and_the_seed_alone(asked):
    questions, tables = asked
    _, all_of_them = reorder_columns(questions, tables, seed=4)
    _, one = reorder_columns(questions[-1:], tables, seed=4)
    assert one == {questions[-1].table_id: all_of_them[questions[-1].table_id]}
    orders = {
        tuple(reorder_columns(questions[:1], tables, seed)[1][questions[0].table_id].header)
        for seed in range(20)
    }
    assert len(orders) > 10
    ways = {
        tuple(tables[id].header.index(name) for name in table.header) for id, table in all_of_them.items()
    }
    assert len(ways) > 10  # not one order for all tables


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(question=None), "A question must be a string. Received: None"),
        (dict(table_id="elsewhere"), "Missing: 'elsewhere'"),
        (
            dict(sql={"sel": [9], "agg": [0], "cond_conn_op": 0, "conds": [[0, 2, "a"]]}),
            "A selected column .* 9",
        ),
        (dict(sql={}), "`form` must be a dict"),
    ],
)
def test_what_does_not_fit_is_named(asked, change, words):
    questions, tables = asked
    with pytest.raises(ValueError, match=words):
        reorder_columns([questions[0]._replace(**change)], tables, seed=1)


def test_no_questions():
    assert reorder_columns([], {}, seed=0) == ([], {})


def test_a_seed_is_a_count(asked):
    with pytest.raises(ValueError, match="`seed` must be a non-negative integer. Received: seed=-1"):
        reorder_columns(*asked, seed=-1)
