import re

import numpy as np
import pytest

from blogkit.datasets import generated_triples
from blogkit.nlp import repair_triples


@pytest.fixture(scope="module")
def found():
    return generated_triples(train_rows=1500, held_rows=400, max_clauses=3)


def parts(found):
    return found.train, found.valid, found.new_names, found.hand_written


def test_entities_stand_in_their_texts_and_predicates_in_the_schemas(found):
    predicates = {schema.predicate for schema in found.schemas}
    for text, triples in (sentence for part in parts(found) for sentence in part):
        assert not re.search("[{}|;]", text)
        for subject, predicate, value in triples:
            assert subject in text and value in text and subject != value and predicate in predicates
    assert {p for _, triples in found.train for _, p, _ in triples} == predicates and len(predicates) == 22


def test_texts_are_all_different(found):
    texts = [text for part in parts(found) for text, _ in part]
    assert len(set(texts)) == len(texts) == 1500 + 2 * 400 + 20
    short = [text for text, _ in generated_triples(9000, 1, max_clauses=1).train]  # would meet again
    assert len(set(short)) == 9000


def test_names_of_the_new_part_are_new(found):
    def names(part):
        open_kinds = {
            "导演",
            "主演",
            "歌手",
            "作者",
            "编剧",
            "出品公司",
            "毕业院校",
            "出版社",
            "所属专辑",
            "创始人",
            "妻子",
        }
        return {name for _, triples in part for s, p, o in triples if p in open_kinds for name in (s, o)}

    assert not names(found.new_names) & (names(found.train) | names(found.valid))
    assert len(names(found.valid) & names(found.train)) > 0.9 * len(names(found.valid))


def test_has_what_an_extractor_may_stumble_over(found):
    def share(holds):
        return np.mean([holds(*sentence) for sentence in found.train])

    silent = share(lambda text, triples: not triples)
    assert 0.08 < silent < 0.16
    assert (
        share(lambda text, triples: len({t[:2] for t in triples}) < len(triples)) > 0.1
    )  # objects of one predicate
    assert (
        share(lambda text, triples: len({(s, o) for s, _, o in triples}) < len(triples)) > 0.1
    )  # predicates of a pair
    assert share(lambda text, triples: len({s for s, _, _ in triples}) > 1) > 0.4
    assert share(lambda text, triples: bool({s for s, _, _ in triples} & {o for _, _, o in triples})) > 0.05
    assert (
        share(lambda text, triples: any(text.count(name) > 1 for s, _, o in triples for name in (s, o)))
        > 0.05
    )


def test_the_articles_rules_leave_it_alone(found):
    changed = [
        sentence for part in parts(found) for sentence in part if repair_triples(*sentence) != sentence
    ]
    assert len(changed) <= 2


def test_depends_on_the_seed_alone(found):
    again = generated_triples(train_rows=1500, held_rows=400, max_clauses=3)
    assert parts(again) == parts(found) and found.stand_in
    assert generated_triples(20, 1, seed=1).train != generated_triples(20, 1, seed=2).train
    assert (
        max(text.count("；") + text.count("。") for text, _ in generated_triples(200, 1, max_clauses=1).train)
        == 0
    )


@pytest.mark.parametrize(
    "wrong",
    (
        {"train_rows": 0},
        {"held_rows": 0},
        {"seed": -1},
        {"max_clauses": 0},
        {"max_clauses": 5},
        {"train_rows": 2.5},
        {"max_clauses": True},
    ),
)
def test_says_what_is_out_of_range(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        generated_triples(**wrong)
