"""Question and headers as one sequence, and labels at the right positions."""

from types import SimpleNamespace

import numpy as np
import pytest

from blogkit.nlp import CharTokenizer, label_arrays, question_arrays, sequence_length

TABLES = {
    "t": SimpleNamespace(header=["城市", "城市"], rows=[["北京", "南"]]),
    "u": SimpleNamespace(header=["年"], rows=[]),
    "none": SimpleNamespace(header=[], rows=[]),
}
SQL = {"sel": [1], "agg": [4], "cond_conn_op": 0, "conds": [[1, 3, "北京"]]}
TOKENIZER = CharTokenizer.from_texts(["城市北京在"])


def asked(question, table_id="t", sql=SQL):
    return SimpleNamespace(question=question, table_id=table_id, sql=sql)


def test_positions_are_those_of_the_headers_own_tokens():
    arrays = question_arrays(TOKENIZER, [asked("在北京"), asked("", "u")], TABLES, length=15, columns=3)
    ids, positions = arrays["token_ids"], arrays["header_positions"]
    start, end = TOKENIZER.encode("")
    name = TOKENIZER.encode("城市")
    assert ids[0].tolist() == [*TOKENIZER.encode("在北京"), *name, *name, 0, 0]
    assert positions.tolist() == [[5, 9, 0], [2, 0, 0]]
    assert (ids[[0, 0, 1], [5, 9, 2]] == start).all() and (ids[1] > 0).sum() == 2 + 3
    assert arrays["question_lengths"].tolist() == [3, 0]
    assert all(array.dtype == np.int32 for array in arrays.values())
    assert (
        sequence_length("在北京", TABLES["t"].header)
        == 13
        == question_arrays(TOKENIZER, [asked("在北京")], TABLES)["token_ids"].shape[1]
    )


def test_labels_stand_on_the_questions_characters_only():
    second = {"sel": [0], "agg": [0], "cond_conn_op": 2, "conds": [[0, 1, "9"]]}
    labels = label_arrays([asked("在北京"), asked("9在", "u", second)], TABLES, length=14, columns=3)
    assert labels["select"].tolist() == [[6, 4, -1], [0, -1, -1]]
    assert labels["connective"].tolist() == [0, 2]
    assert labels["operator"].tolist() == [[-1, 4, 3, 3] + 10 * [-1], [-1, 1, 4] + 11 * [-1]]
    assert labels["column"].tolist() == [[-1, -1, 1, 1] + 10 * [-1], [-1, 0, -1] + 11 * [-1]]


@pytest.mark.parametrize(
    ("question", "sizes", "words"),
    [
        (asked("在北京"), dict(length=12), "`length` must be at least 13 for '在北京'. Received: length=12"),
        (asked("在北京"), dict(columns=1), "`columns` must be at least 2 for .* Received: columns=1"),
        (asked("在", "v"), {}, "Missing: 'v'"),
        (asked("在", "none"), {}, "at least one column. Received: table 'none'"),
        (asked(None), {}, "A question must be a string. Received: None"),
    ],
)
def test_what_has_no_arrays(question, sizes, words):
    for arrays in (
        lambda: question_arrays(TOKENIZER, [question], TABLES, **sizes),
        lambda: label_arrays([question], TABLES, **sizes),
    ):
        with pytest.raises(ValueError, match=words):
            arrays()


def test_no_labels_without_sql():
    with pytest.raises(ValueError, match="must have SQL. Received: '在' without"):
        label_arrays([asked("在", sql={})], TABLES)
