"""Generated questions: answerable, split by table, documented frequencies, reproducible by seed."""

import pytest

from blogkit.datasets import generated_questions
from blogkit.datasets.generated_topics import TOPICS, UNSEEN_TOPICS
from blogkit.datasets.tableqa import question_fault
from blogkit.nlp import TableValues, execution_matches, why_inexpressible


@pytest.fixture(scope="module")
def found():
    return generated_questions(train=1500, valid=200, unseen=200, seed=3)


@pytest.fixture(scope="module")
def everything(found):
    return [*found.train, *found.valid, *found.unseen]


def share(rows, condition):
    return sum(map(bool, map(condition, rows))) / len(rows)


def test_parts_have_their_sizes_and_no_table_in_common(found):
    parts = (found.train, found.valid, found.unseen)
    assert [len(part) for part in parts] == [1500, 200, 200]
    ids = [{question.table_id for question in part} for part in parts]
    assert not ids[0] & ids[1] and not ids[0] & ids[2] and not ids[1] & ids[2]
    assert set.union(*ids) == set(found.tables) and found.stand_in
    topics = [{found.tables[id].title for id in part} for part in ids]
    assert topics[0] == topics[1] == set(TOPICS) and topics[2] == set(UNSEEN_TOPICS)


def test_every_question_can_be_asked_and_has_a_result(found, everything):
    assert [fault for question in everything if (fault := question_fault(question, found.tables))] == []
    gold = [question.sql for question in everything]
    matches, empty = execution_matches(
        gold, gold, [question.table_id for question in everything], found.tables
    )
    assert all(matches) and not any(empty)


def test_sums_are_of_numbers_only(found, everything):
    for question in everything:
        for column, aggregation in zip(question.sql["sel"], question.sql["agg"]):
            assert aggregation in (0, 4) or found.tables[question.table_id].types[column] == "real"


def test_the_mix_is_about_that_of_tableqa(everything):
    """Shares of about 2,000 questions: within 4 standard errors (0.045 at most) of the target."""
    conditions = [condition for question in everything for condition in question.sql["conds"]]
    for wanted, rows, condition in (
        (0.36, everything, lambda question: len(question.sql["conds"]) == 1),
        (0.61, everything, lambda question: len(question.sql["conds"]) == 2),
        (0.12, everything, lambda question: len(question.sql["sel"]) == 2),
        (0.07, everything, lambda question: question.sql["agg"] == [4]),
        (
            0.10,
            everything,
            lambda question: (
                len({value for _, _, value in question.sql["conds"]}) < len(question.sql["conds"])
            ),
        ),
        (0.37 * 0.64, everything, lambda question: question.sql["cond_conn_op"] == 2),
        (0.60, conditions, lambda condition: condition[1] == 2),
    ):
        assert abs(share(rows, condition) - wanted) < 0.045
    assert {condition[1] for condition in conditions} == {0, 1, 2, 3}
    assert {aggregation for question in everything for aggregation in question.sql["agg"]} == set(range(6))


def test_some_values_do_not_stand_in_their_question(everything):
    values = [(question.question, value) for question in everything for _, _, value in question.sql["conds"]]
    assert 0.12 < share(values, lambda pair: pair[1] not in pair[0]) < 0.22


def test_what_labels_cannot_state_are_shared_and_rewritten_values(found, everything):
    values = {id: TableValues(table) for id, table in found.tables.items()}
    reasons = {
        why_inexpressible(question.question, question.sql, values[question.table_id])
        for question in everything
    }
    assert reasons == {"", "conditions share characters", "a value is not in the question"}


def test_a_seed_decides_everything():
    first, again, other = (generated_questions(20, 5, 5, seed=seed) for seed in (1, 1, 2))
    assert first == again and first.train != other.train
    assert generated_questions(20, 7, 0, seed=1).train == first.train  # whatever the other parts' sizes


@pytest.mark.parametrize(
    "wrong",
    [
        dict(train=0),
        dict(valid=0),
        dict(unseen=-1),
        dict(questions_per_table=0),
        dict(seed=-1),
        dict(train=2.5),
        dict(train=True),
    ],
)
def test_impossible_sizes(wrong):
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"`{name}` must be a .* integer. Received: {name}={value}"):
        generated_questions(**wrong)
