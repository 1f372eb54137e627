"""Triples in a text: repaired, labelled, decoded, scored. Expected values are made by hand."""

import numpy as np
import pytest

from blogkit.datasets import generated_triples
from blogkit.nlp import (
    decode_spans,
    finish_triples,
    first_occurrence,
    label_triples,
    repair_triples,
    swap_entities,
    triple_scores,
)

REPAIRS = {
    "lower case, marks and spaces": (
        "ABC写了《Hello》",
        [(" 《HELLO》", "作者", "Abc ")],
        [("hello", "作者", "abc")],
    ),
    "part of a title": ("电影《红楼 之 梦》很长", [("红楼", "主演", "甲")], [("红楼 之 梦", "主演", "甲")]),
    "stands twice": ("《红楼梦》改编自红楼", [("红楼", "主演", "甲")], [("红楼", "主演", "甲")]),
    "spaces inside the marks": ("《 天龙 》", [("天龙", "主演", "甲")], [("天龙", "主演", "甲")]),
    "not an object": ("《红楼梦》", [("甲", "代表作", "红楼")], [("甲", "代表作", "红楼")]),
    "credits of an album": (
        "《歌》在《专》里",
        [
            ("歌", "所属专辑", "专"),
            ("专", "歌手", "甲"),
            ("专", "作词", "甲"),
            ("专", "作曲", "甲"),
            ("歌", "歌手", "甲"),
        ],
        [("歌", "所属专辑", "专"), ("歌", "歌手", "甲")],
    ),
    "album called like its song": (
        "《歌》《歌》",
        [("歌", "所属专辑", "歌"), ("歌", "歌手", "甲")],
        [("歌", "所属专辑", "歌"), ("歌", "歌手", "甲")],
    ),
    "album with another predicate": (
        "x",
        [("歌", "所属专辑", "专"), ("专", "作者", "甲")],
        [("歌", "所属专辑", "专"), ("专", "作者", "甲")],
    ),
    "nothing": ("", [], []),
}


@pytest.mark.parametrize("case", REPAIRS)
def test_repairs(case):
    text, triples, wanted = REPAIRS[case]
    before = list(triples)
    repaired, found = repair_triples(text, triples)
    assert found == tuple(wanted) and repaired == text.lower()
    assert triples == before
    assert repair_triples(repaired, found) == (repaired, found)


def test_later_titles_win():
    assert repair_triples("《甲乙》《乙丙甲》", [("丙", "作者", "丁")])[1] == (("乙丙甲", "作者", "丁"),)
    text = "《a b》 见《xa by》"  # the title that replaces it is part of a later one, but stands twice then
    assert repair_triples(text, [("b", "作者", "丁")])[1] == (("b", "作者", "丁"),)


def test_lower_case_keeps_positions():
    """Lower case turns a Turkish letter into two characters, and Python's sigma depends on its neighbours."""
    text, triples = repair_triples("İΣ和OΔOΣ。", [("OΔOΣ", "作者", "İΣ")])
    assert len(text) == 8 and all(part in text for part in (triples[0][0], triples[0][2]))


def test_what_is_found_is_finished():
    found = finish_triples(
        [
            ("甲", "妻子", "乙"),
            ("丙", "丈夫", "丁"),
            ("歌", "所属专辑", "专"),
            ("专", "歌手", "甲"),
            ("歌", "歌手", "甲"),
        ]
    )
    assert found == {
        ("甲", "妻子", "乙"),
        ("乙", "丈夫", "甲"),
        ("丙", "丈夫", "丁"),
        ("丁", "妻子", "丙"),
        ("歌", "所属专辑", "专"),
        ("歌", "歌手", "甲"),
    }
    assert finish_triples([]) == set()


@pytest.mark.parametrize("offset", (0, 1))
def test_labels_by_hand(offset):
    text = "ab和c和ab"
    triples = [
        ("ab", "p", "c"),
        ("ab", "q", "c"),
        ("ab", "p", "和"),
        ("c", "p", "x"),
        ("x", "p", "c"),
        ("", "p", "c"),
        ("c", "p", "ab"),
    ]
    wanted = {(0, 1): [(3, 3, "p"), (3, 3, "q"), (2, 2, "p")], (3, 3): [(0, 1, "p")]}
    moved = {
        tuple(np.add(s, offset)): [(*np.add(o[:2], offset), o[2]) for o in found]
        for s, found in wanted.items()
    }
    assert label_triples(text, triples, offset=offset) == moved
    tokens = [(list(s), p, list(o)) for s, p, o in triples]
    assert label_triples(list(text), tokens, offset=offset) == moved


def test_labels_within_a_length():
    triples = [("甲", "p", "丙丁")]
    assert label_triples("甲乙丙丁", triples, max_length=4) == {(0, 0): [(2, 3, "p")]}
    assert label_triples("甲乙丙丁", triples, max_length=3) == {}
    assert label_triples("", triples) == {} and label_triples("甲", []) == {}


def test_first_occurrence_is_the_first_whole_one():
    assert first_occurrence("aab", "ab") == (1, 2) and first_occurrence(list("aab"), list("ab")) == (1, 2)
    assert (
        first_occurrence("ab", "abc") is None
        and first_occurrence([1], [1, 2]) is None
        and first_occurrence("", "") is None
    )


def spans_by_search(probabilities):
    """Reference for one predicate: for each start the nearest end."""
    starts = [i for i, p in enumerate(probabilities[:, 0]) if p > 0.5]
    ends = [i for i, p in enumerate(probabilities[:, 1]) if p > 0.4]
    return [(s, min(e for e in ends if e >= s)) for s in starts if any(e >= s for e in ends)]


def test_spans_of_random_probabilities(rng):
    for length in (1, 2, 9):
        probabilities = rng.uniform(size=(length, 2, 4)).round(1)  # with many at the thresholds
        wanted = {(*span, c) for c in range(4) for span in spans_by_search(probabilities[..., c])}
        found = decode_spans(probabilities)
        assert set(found) == wanted and len(found) == len(wanted)
        assert decode_spans(probabilities[..., 0]) == spans_by_search(probabilities[..., 0])


def test_spans_at_the_thresholds_and_of_nothing():
    assert (
        decode_spans([[0.5, 1.0]]) == []
        and decode_spans([[1.0, 0.4]]) == []
        and decode_spans([[0.51, 0.41]]) == [(0, 0)]
    )
    assert decode_spans(np.zeros((0, 2))) == [] and decode_spans(np.full((3, 2, 2), np.nan)) == []
    with pytest.raises(ValueError, match=r"Received: shape \(3, 4\)"):
        decode_spans(np.zeros((3, 4)))


def test_labels_and_spans_are_inverse():
    """Decoding gold labels restores the triples if each entity occurs once and no spans are nested."""
    sentences = generated_triples(60, 1, max_clauses=3).train
    lost = 0
    for text, triples in sentences:
        names = sorted({predicate for _, predicate, _ in triples})
        items, found = label_triples(text, triples), set()
        subjects = np.zeros((len(text), 2))
        for start, end in items:
            subjects[start, 0] = subjects[end, 1] = 1
        for start, end in decode_spans(subjects):
            objects = np.zeros((len(text), 2, len(names)))
            for first, last, name in items.get((start, end), ()):
                objects[first, 0, names.index(name)] = objects[last, 1, names.index(name)] = 1
            found |= {(text[start : end + 1], names[c], text[a : b + 1]) for a, b, c in decode_spans(objects)}
        lost += found != set(triples)
    assert lost <= 1


def test_scores_by_hand():
    a, b, c = (("甲", "p", "乙"), ("甲", "q", "乙"), ("丙", "p", "乙"))
    found = triple_scores([[a, b, a], [c]], [{a}, {a, b}])
    assert found == (1 / 3, 1 / 3, 1 / 3, 1, 3, 3)
    assert triple_scores([[a]], [[a, b]]) == (1.0, 0.5, 2 / 3, 1, 1, 2)
    assert triple_scores([[list(a)]], [[a]]).f1 == 1


def test_scores_of_nothing():
    a = ("甲", "p", "乙")
    assert triple_scores([], [])[:3] == (1, 1, 1) == triple_scores([[]], [[]])[:3]
    assert triple_scores([[]], [[a]])[:3] == (1, 0, 0) and triple_scores([[a]], [[]])[:3] == (0, 1, 0)


def test_scores_say_what_does_not_fit():
    with pytest.raises(ValueError, match="Received: 1 and 2 sentences"):
        triple_scores([[]], [[], []])
    for wrong in ([["甲", "p"]], ["甲p乙"], [("甲", "p", 1)]):
        with pytest.raises(ValueError, match="A triple must be three strings"):
            triple_scores(wrong if isinstance(wrong[0], str) else [wrong], [[]])


def test_swaps_at_once():
    text, triples = swap_entities(
        "甲乙写了甲", [("甲乙", "作者", "甲"), ("甲", "p", "写")], ("甲乙", "甲"), ("丁甲", "甲乙")
    )
    assert text == "丁甲写了甲乙" and triples == (("丁甲", "作者", "甲乙"), ("甲乙", "p", "写"))
    same = "甲写甲", (("甲", "作者", "甲"),)
    assert swap_entities(*same, ("甲", "甲"), ("乙", "丙")) == same
    assert swap_entities("a.b", [("a.b", "p", ".")], ("a.b", "."), ("x", "y"))[0] == "x"
