"""Closest text and closest fragment against brute force, with ties and empty input."""

import pytest

from blogkit.nlp import closest_fragment, closest_text


def edit_distance(a, b):
    """Edit distance by the Wagner-Fischer algorithm, row by row."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def test_the_nearest_of_all_pieces(rng):
    for _ in range(150):
        value, sentence = ("".join(rng.choice(list("abc1"), rng.integers(1, n))) for n in (6, 12))
        start, end = closest_fragment(value, sentence)
        pieces = {sentence[a:b] for a in range(len(sentence)) for b in range(a + 1, len(sentence) + 1)}
        found = edit_distance(value, sentence[start:end])
        assert found == min(edit_distance(value, piece) for piece in pieces)
        assert sentence.index(sentence[start:end]) == start  # at its first place


@pytest.mark.parametrize(
    ("value", "sentence", "piece"),
    [
        ("2017年04月", "北京2017年4月卖地", "2017年4月"),
        ("北京市", "在北京买的", "北京买"),  # as near as 北京, and as long as the value
        ("ab", "xaxb", "ax"),
        ("无关", "甲乙丙", "甲乙"),
        ("甲乙丙", "甲", "甲"),
        ("", "甲", ""),
        ("甲", "", ""),
    ],
)
def test_which_piece(value, sentence, piece):
    start, end = closest_fragment(value, sentence)
    assert sentence[start:end] == piece


def test_the_nearest_text_and_who_wins_ties():
    assert closest_text("abcd", ["xbcd", "abcx", "zzzz"]) == "abcx"  # both at 1: the first by letters
    assert closest_text("abcd", ["xbcd", "abcx", "zzzz"], prefer={"xbcd"}) == "xbcd"
    assert closest_text("abcd", ["abce", "abcd"], prefer={"abce"}) == "abcd"
    assert closest_text("甲", {"乙", "丙", "丁"}) == min("乙丙丁")
    assert closest_text("IPHONE", ["XPHONE", "iPhone"]) == "iPhone"
    assert closest_text("ＡＢＣ", ["abc", "ABC", "ABD"]) == closest_text("ABC", ["abc", "ABC"]) == "ABC"
    assert closest_text("iphone", ["IPHONE", "iPhone", "iphonee"]) == "iPhone"  # one letter as written
    with pytest.raises(ValueError, match="'甲'. Received: none"):
        closest_text("甲", [])
