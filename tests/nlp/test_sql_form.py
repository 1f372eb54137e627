"""Forms: refused input, exact matches, numbers as text, readable SQL."""

from fractions import Fraction

import numpy as np
import pytest

from blogkit.nlp import check_form, same_form, sql_text, value_text

FORM = {"sel": [0, 2], "agg": [0, 5], "cond_conn_op": 1, "conds": [[1, 0, "-4.6"], [0, 2, "北京"]]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sel": []}, "non-empty list 'sel'"),
        ({"conds": []}, "non-empty list 'conds'"),
        ({"agg": "05"}, "list 'agg'"),
        ({"agg": [0]}, "one aggregation per selected column"),
        ({"sel": [0, 3]}, "selected column must be 0 to 2. Received: 3"),
        ({"sel": [0, -1]}, "selected column must be 0 to 2. Received: -1"),
        ({"sel": [0, True]}, "selected column .* Received: True"),
        ({"sel": [0, 1.0]}, "selected column .* Received: 1.0"),
        ({"sel": [0, "col_1"]}, "selected column .* Received: 'col_1'"),
        ({"agg": [0, 6]}, "aggregation must be 0 to 5. Received: 6"),
        ({"conds": [[1, 0]]}, "condition must be .column, operator, value."),
        (
            {"conds": ["abc"], "cond_conn_op": 0},
            "condition must be .column, operator, value.. Received: 'abc'",
        ),
        ({"conds": [[3, 0, "1"]]}, "column of a condition must be 0 to 2. Received: 3"),
        ({"conds": [[1, 4, "1"]]}, "operator must be 0 to 3. Received: 4"),
        ({"conds": [[1, 0, None]]}, "a string or a finite number"),
        ({"conds": [[1, 0, float("nan")]]}, "a string or a finite number"),
        ({"conds": [[1, 0, True]]}, "a string or a finite number"),
        ({"conds": [[1, 0, "\ud800"]]}, "without lone surrogates"),
        ({"conds": [[1, 0, 10**400]]}, "a string or a finite number"),
        pytest.param({"conds": [[1, 0, 10**5000]]}, "a string or a finite number", id="5,000 digits"),
        ({"cond_conn_op": 3}, "connective must be 0 to 2. Received: 3"),
        ({"cond_conn_op": 0}, "must be 1 .and. or 2 .or. for several conditions"),
    ],
)
def test_what_is_no_form(change, words):
    check_form(FORM, columns=3)
    with pytest.raises(ValueError, match=words):
        check_form(FORM | change, columns=3)


@pytest.mark.parametrize("form", [None, [], {}, {"sel": [0], "agg": [0], "conds": [[0, 0, "1"]]}])
def test_a_form_is_a_dict_of_four(form):
    with pytest.raises(ValueError, match="`form` must be a dict with sel, agg, cond_conn_op, conds"):
        check_form(form, columns=3)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"sel": [2, 0], "agg": [5, 0]}, True),
        ({"sel": [2, 0]}, False),
        ({"conds": [[0, 2, "北京"], [1, 0, -4.60]]}, True),
        ({"conds": [[1, 0, "-4.600"], [0, 2, "北京"], [0, 2, "北京"]]}, True),
        ({"conds": [[1, 0, "-4.61"], [0, 2, "北京"]]}, False),
        ({"conds": [[1, 1, "-4.6"], [0, 2, "北京"]]}, False),
        ({"conds": [[2, 0, "-4.6"], [0, 2, "北京"]]}, False),
        ({"conds": []}, False),
        ({"cond_conn_op": 2}, False),
    ],
)
def test_two_forms_match_in_full(change, same):
    assert same_form(FORM, FORM | change) is same


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (81428.0, "81428"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (Fraction(1, 2), "0.5"),
        (1e20, "1" + 20 * "0"),
        (-0.0, "0"),
        ("10.50", "10.5"),
        ("-4.0", "-4"),
        ("0.0", "0"),
        ("000651", "000651"),
        ("1e5", "1e5"),
        (" 5.0", " 5.0"),
        ("4401061999010112345.0", "4401061999010112345"),
        ("12%", "12%"),
        ("1.", "1."),
        (None, "None"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_as_text(value, text):
    assert value_text(value) == text


def test_sql_to_read_names_columns_and_quotes_what_it_holds():
    form = {"sel": [0, 1], "agg": [0, 1], "cond_conn_op": 1, "conds": [[2, 1, "5"], [0, 2, "O'Hara"]]}
    assert sql_text(form, ['a"b', "同比", "同比"], name="t") == (
        'SELECT "a""b", AVG("同比 [1]") FROM "t" WHERE "同比 [2]" < 5 AND "a""b" == \'O\'\'Hara\''
    )
    with pytest.raises(ValueError, match="0 to 1"):
        sql_text(form, ["a", "b"])
