import pytest

from blogkit.datasets import split_by_text


def test_copies_of_a_text_stay_on_one_side(rng):
    rows = [
        (f"text {number}", int(copy))
        for number, copy in zip(rng.integers(0, 500, 5000), rng.integers(0, 9, 5000))
    ]
    train, valid = split_by_text(rows, lambda row: row[0])
    texts, held_out = {text for text, _ in train}, {text for text, _ in valid}
    assert not texts & held_out and sorted(train + valid) == sorted(rows)
    assert len(held_out) == round(len(texts | held_out) / 5)
    assert (train, valid) == split_by_text(rows, lambda row: row[0])
    assert train != [row for row in rows if row[0] in texts]  # shuffled


def test_two_texts_are_one_and_one():
    train, valid = split_by_text(["a", "b", "a"], str)
    assert sorted([set(train), set(valid)], key=sorted) == [{"a"}, {"b"}]


def test_one_text_cannot_be_split():
    with pytest.raises(ValueError, match="at least 2 different texts. Received: 1"):
        split_by_text(["a", "a"], str)
