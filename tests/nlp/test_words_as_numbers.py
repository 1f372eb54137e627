"""Vocabulary and windows: ids, rare words, and windows that join into the text again."""

import numpy as np
import pytest

from blogkit.nlp import Vocabulary, continued_windows

SENTENCES = [["b", "a", "a"], ["c", "b"], ["<unk>", "<eos>", "d"]]


def test_ids_go_by_frequency_then_by_letters():
    vocabulary = Vocabulary(SENTENCES)
    assert vocabulary.words == ["<unk>", "<eos>", "a", "b", "c", "d"] and len(vocabulary) == 6
    assert Vocabulary(SENTENCES[::-1]).words == vocabulary.words
    assert Vocabulary(SENTENCES, size=4).encode(["a", "b", "c", "new", "<eos>", "<unk>"]) == [
        2,
        3,
        0,
        0,
        1,
        0,
    ]


def test_a_stream_ends_every_sentence():
    assert Vocabulary(SENTENCES).stream([["a"], [], ["b", "?"]]) == [2, 1, 1, 3, 0, 1]


@pytest.mark.parametrize("size, batch_size, length", [(101, 3, 4), (12, 3, 3), (50, 1, 7), (9, 4, 1)])
def test_batches_go_on_where_the_last_one_ended(size, batch_size, length):
    text = np.random.default_rng(0).integers(0, 99, size)
    x, y = continued_windows(text, batch_size, length)
    batches = len(x) // batch_size
    assert x.dtype == "int32" and batches == (size // batch_size - 1) // length
    for row in range(batch_size):
        start = row * (size // batch_size)
        np.testing.assert_array_equal(x[row::batch_size].ravel(), text[start : start + batches * length])
        np.testing.assert_array_equal(
            y[row::batch_size].ravel(), text[start + 1 : start + 1 + batches * length]
        )


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((range(7), 2, 3), r"must have at least 8 tokens .* Received: 7"),
        ((range(9), 0, 3), "batch_size=0"),
        ((range(9), 2, 0), "length=0"),
        ((range(9), 1.5, 2), "`batch_size` must be a positive integer. Received: batch_size=1.5"),
    ],
)
def test_windows_refuse(arguments, message):
    with pytest.raises(ValueError, match=message):
        continued_windows(*arguments)


def test_vocabulary_refuses():
    with pytest.raises(ValueError, match="size=2"):
        Vocabulary(SENTENCES, size=2)
    with pytest.raises(ValueError, match="at least one word"):
        Vocabulary([["<unk>"], []])
