"""Labels of questions and forms decoded from them: round trip, and what the article's code loses."""

from types import SimpleNamespace

import numpy as np
import pytest

from blogkit.nlp import (
    FormScores,
    TableValues,
    form_from_labels,
    form_from_scores,
    label_question,
    same_form,
    scores_of,
    why_inexpressible,
)

TABLE = SimpleNamespace(
    header=["城市", "省", "气温", "湿度"],
    rows=[["北京市", "北京", -4.6, 30.0], ["南京", "江苏", 12.0, 75.5], ["拉萨", "西藏", 3.0, 30.0]],
)
VALUES = TableValues(TABLE)


def form(*conditions, connective=None, sel=(0,), agg=(0,)):
    connective = (len(conditions) > 1) * 1 if connective is None else connective
    return {
        "sel": list(sel),
        "agg": list(agg),
        "cond_conn_op": connective,
        "conds": [list(one) for one in conditions],
    }


def back(question, asked, compat=False):
    return form_from_labels(question, label_question(question, asked, 4, compat), VALUES, compat)


def random_question(rng):
    """A question whose form labels can express: cells or numbers, separated by other characters."""
    conditions, question = [], "问"
    for column in rng.permutation(4)[: rng.integers(1, 4)]:
        operator = int(rng.integers(2)) if column > 1 else 2 + int(rng.integers(2))
        cell = TABLE.rows[rng.integers(3)][column]
        value = cell if isinstance(cell, str) else f"{cell:g}"
        if value not in question:
            conditions.append([int(column), operator, value])
            question += value + "、的。"[rng.integers(3)]
    columns = sorted(rng.permutation(4)[: rng.integers(1, 3)].tolist())
    connective = 0 if len(conditions) < 2 else int(rng.integers(1, 3))
    ends = rng.random() < 0.5
    return question[: -1 if ends else None], form(
        *conditions, connective=connective, sel=columns, agg=rng.integers(0, 6, len(columns)).tolist()
    )


def test_there_and_back_for_all_that_labels_can_state(rng):
    for _ in range(300):
        question, asked = random_question(rng)
        assert same_form(back(question, asked), asked), (question, asked)
        assert why_inexpressible(question, asked, VALUES) == ""


@pytest.mark.parametrize(
    ("question", "condition"),
    [
        ("气温低于-4.6", (2, 1, "-4.6")),  # ends the question, and has a sign
        ("北京", (1, 2, "北京")),  # the whole question
        ("气温低于3", (2, 1, 3.0)),  # a number instead of text
        ("省不是江苏的", (1, 3, "江苏")),  # != of a text stays !=
        ("33度30湿度3度", (2, 0, "3")),  # 3 by itself, not inside 33 or 30
        ("在北京市", (0, 2, "北京市")),
        ("南京那里", (0, 2, "南京")),
    ],
)
def test_values_that_are_easily_lost(question, condition):
    assert same_form(back(question, form(condition)), form(condition))


def test_a_value_at_the_end_is_lost_in_the_original():
    asked = form((0, 2, "拉萨"), (2, 0, "3"))
    assert same_form(back("拉萨高于3", asked), asked)
    assert back("拉萨高于3", asked, compat=True) == form((0, 2, "拉萨"))
    assert same_form(back("拉萨高于3度", asked, compat=True), asked)
    assert why_inexpressible("拉萨高于3", asked, VALUES, compat=True) == "a value ends the question"


def test_a_sign_makes_no_number_in_the_original():
    assert back("气温高于-4.6吗", form((2, 0, "-4.6")), compat=True)["conds"] == [[2, 2, "-4.6"]]
    assert back("不是江苏吗", form((1, 3, "江苏")), compat=True)["conds"] == [[1, 2, "江苏"]]


def test_cells_side_by_side():
    asked = form((1, 2, "西藏"), (0, 2, "拉萨"))
    assert same_form(back("西藏拉萨的气温", asked), asked)
    assert len(back("西藏拉萨的气温", asked, compat=True)["conds"]) == 1
    # Operators that differ end a run in the original too.
    mixed = form((1, 2, "西藏"), (0, 3, "拉萨"))
    assert same_form(back("西藏拉萨的气温", mixed), mixed)


def test_one_wrong_character_does_not_split_a_value():
    scores = scores_of(label_question("北京市的", form((0, 2, "北京市")), 4))
    scores.columns[1] = [0.1, 0.9, 0, 0]
    assert form_from_scores("北京市的", scores, VALUES)["conds"] == [[0, 2, "北京市"]]


def test_the_column_of_a_run_has_the_highest_mean():
    scores = scores_of(label_question("拉萨的3度", form((0, 2, "拉萨")), 4))
    scores.columns[0], scores.columns[1] = [0.4, 0.6, 0, 0], [0.9, 0.1, 0, 0]
    assert form_from_scores("拉萨的3度", scores, VALUES)["conds"] == [[0, 2, "拉萨"]]
    number = scores_of(label_question("高于30", form((2, 0, "30")), 4))
    number.columns[2], number.columns[3] = [0, 0, 0.6, 0.4], [0, 0, 0.1, 0.9]
    assert form_from_scores("高于30", number, VALUES)["conds"] == [[3, 0, "30"]]
    scores.operators[:2] = np.eye(5)[0]  # > of a text: only equality is left
    assert form_from_scores("拉萨的3度", scores, VALUES)["conds"] == [[0, 2, "拉萨"]]


@pytest.mark.parametrize(
    ("question", "condition", "found"),
    [
        ("省是北京", (0, 2, "北京市"), [1, 2, "北京"]),  # another cell stands there word for word
        ("在拉薩", (0, 2, "拉萨"), [0, 2, "拉萨"]),
        ("苏省", (1, 2, "江苏"), [1, 2, "江苏"]),
    ],
)
def test_what_is_no_cell_becomes_the_nearest(question, condition, found):
    assert back(question, form(condition))["conds"] == [found]


def test_a_value_of_another_column_only_moves_the_column():
    labels = label_question("拉萨的", form((1, 2, "拉萨")), 4)
    assert form_from_labels("拉萨的", labels, VALUES)["conds"] == [[0, 2, "拉萨"]]
    thirty = label_question("湿度为30", form((2, 2, "30")), 4)
    assert form_from_labels("湿度为30", thirty, VALUES)["conds"] == [[3, 2, "30"]]


@pytest.mark.parametrize(
    ("question", "asked", "reason"),
    [
        ("气温和湿度都大于3", form((2, 0, "3"), (3, 0, "3")), "conditions share characters"),
        ("高于三", form((2, 0, "3")), "a value is not in the question"),
        ("气温高于3的", form((2, 0, "3"), sel=(0, 0), agg=(2, 3)), "a column is selected twice"),
        ("拉萨和3", form((0, 2, "拉萨"), (2, 0, "3"), connective=0), "the connective does not fit"),
        ("拉萨", form((0, 2, "拉萨"), connective=1), "the connective does not fit"),
        ("气温是99", form((2, 2, "99")), "another reason"),  # equality with no cell
    ],
)
def test_what_labels_cannot_state(question, asked, reason):
    assert why_inexpressible(question, asked, VALUES) == reason


def test_one_value_that_stands_twice_is_two():
    asked = form((2, 0, "3"), (3, 0, "3"))
    assert same_form(back("气温大于3且湿度大于3的", asked), asked)
    assert not same_form(back("气温大于3且湿度大于3的", asked, compat=True), asked)


def test_labels_of_one_question():
    labels = label_question("3月高于13的30", form((2, 0, "13"), (3, 1, "3"), sel=(1, 3), agg=(0, 4)), 4)
    assert labels.select.tolist() == [6, 0, 6, 4] and labels.connective == 1
    assert labels.operators.tolist() == [1, 4, 4, 4, 0, 0, 4, 4, 4]
    assert labels.columns.tolist() == [3, 0, 0, 0, 2, 2, 0, 0, 0]


def test_a_number_is_not_tagged_inside_another():
    asked = form((2, 0, "3"))
    assert label_question("13月2.3或3度", asked, 4).operators.tolist() == [4, 4, 4, 4, 4, 4, 4, 0, 4]
    assert label_question("13月2.3或3度", asked, 4, compat=True).operators.tolist() == [
        4,
        0,
        4,
        4,
        4,
        4,
        4,
        4,
        4,
    ]


def test_the_original_lets_later_values_overwrite():
    asked = form((2, 0, "13"), (3, 1, "3"))
    assert label_question("高于13的", asked, 4, compat=True).operators.tolist() == [4, 4, 0, 1, 4]
    assert label_question("高于13的", asked, 4).operators.tolist() == [4, 4, 0, 0, 4]


def test_labelling_changes_no_form():
    asked = form((0, 2, "北京市"))
    label_question("在北京的", asked, 4, compat=True)
    assert asked == form((0, 2, "北京市"))


def test_empty_questions_and_tables():
    assert back("", form((0, 2, "北京市")))["conds"] == []
    labels = label_question("北京3", form((0, 2, "北京"), (2, 1, "3")), 4)
    empty = TableValues(SimpleNamespace(header=TABLE.header, rows=[]))
    assert form_from_labels("北京3", labels, empty)["conds"] == [[0, 2, "北京"], [2, 1, "3"]]
    assert label_question("北京", form((0, 2, "")), 4).operators.tolist() == [4, 4]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="must be 0 to 3. Received: column 4"):
        label_question("北京", form((4, 2, "北京")), 4)
    with pytest.raises(ValueError, match="must be 0 to 3. Received: column -1"):
        label_question("北京", form((0, 2, "北京"), sel=(-1,)), 4)
    scores = scores_of(label_question("北京", form((0, 2, "北京")), 4))
    with pytest.raises(ValueError, match="3 characters and 4 columns"):
        form_from_scores("北京市", scores, VALUES)
    with pytest.raises(ValueError, match="Received"):
        form_from_scores("北京", FormScores(scores.select[:3], *scores[1:]), VALUES)
