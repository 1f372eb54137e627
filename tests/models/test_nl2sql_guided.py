"""Execution-guided forms of NL2SQL: of the most probable ones, the first that the table answers."""

from types import SimpleNamespace

import keras
import pytest

from blogkit.datasets import generated_questions
from blogkit.models import NL2SQL, bert_encoder
from blogkit.nlp import (
    CharTokenizer,
    FormScores,
    TableDatabase,
    TableValues,
    best_forms,
    first_answered,
    label_question,
    scores_of,
)


@pytest.fixture(scope="module")
def found():
    return generated_questions(train=4, valid=5, unseen=0, seed=0)


@pytest.fixture
def model(found):
    keras.utils.set_random_seed(1)
    tokenizer = CharTokenizer.from_texts(question.question for question in found.train)
    encoder = bert_encoder(
        vocabulary_size=len(tokenizer), hidden_dim=8, num_layers=1, max_length=96, dropout=0
    )
    return NL2SQL(encoder, tokenizer, units=5)


def test_forms_are_the_first_that_their_tables_answer(model, found):
    guided = model.predict_forms(found.valid, found.tables, guided=5)
    for question, score, form in zip(found.valid, model.predict_scores(found.valid, found.tables), guided):
        table = found.tables[question.table_id]
        with TableDatabase(table) as database:
            assert form == first_answered(
                best_forms(question.question, score, TableValues(table), 5), database
            )


def test_a_form_that_finds_nothing_gives_way_to_the_next(model, monkeypatch):
    table = SimpleNamespace(header=["城市", "人口"], types=["text", "real"], rows=[["北京", 2154.0]])
    question = SimpleNamespace(question="人口大于9", table_id="t")
    form = {"sel": [0], "agg": [0], "cond_conn_op": 0, "conds": [[1, 1, "9"]]}
    scores = scores_of(label_question(question.question, form, columns=2))
    scores = FormScores(*(9 * part for part in scores[:3]), scores.columns)
    scores.operators[-1, 0] = 8  # nearly as probable as 1: > instead of <
    monkeypatch.setattr(model, "predict_scores", lambda *args, **options: [scores])
    right = {**form, "conds": [[1, 0, "9"]]}
    assert model.predict_forms([question], {"t": table}) == [form]
    assert model.predict_forms([question], {"t": table}, guided=2) == [right]


def test_bad_arguments(model, found):
    with pytest.raises(ValueError, match="guided=0"):
        model.predict_forms(found.valid, found.tables, guided=0)
    with pytest.raises(ValueError, match="`guided` must be 1 with `compat`. Received: guided=2"):
        model.predict_forms(found.valid, found.tables, compat=True, guided=2)
