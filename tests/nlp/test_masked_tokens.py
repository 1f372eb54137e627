"""masked_tokens: which tokens are masked, how, and that nothing else changes."""

import numpy as np
import pytest

from blogkit.nlp import CharTokenizer, masked_tokens, padded

LETTERS = "".join(map(chr, range(0x4E00, 0x4E00 + 200)))
TOKENIZER = CharTokenizer.from_texts([LETTERS])
MASK = TOKENIZER.vocabulary.index("[MASK]")


def rows(rng, count=400, length=40):
    texts = ["".join(rng.choice(list(LETTERS), rng.integers(0, length - 1))) for _ in range(count)]
    return padded([TOKENIZER.encode(text) for text in texts], length)


def test_eighty_ten_ten_of_fifteen_percent(rng):
    ids = rows(rng)
    inputs, labels, weights = masked_tokens(ids, TOKENIZER, seed=3)
    hidden, positions = inputs["token_ids"], inputs["mask_positions"]
    ordinary = (ids > 5).sum(axis=1)
    np.testing.assert_array_equal(
        weights.sum(axis=1), np.where(ordinary, np.maximum(1, np.round(0.15 * ordinary)), 0)
    )
    chosen = weights > 0
    original, shown = (np.take_along_axis(array, positions, axis=1)[chosen] for array in (ids, hidden))
    np.testing.assert_array_equal(labels[chosen], original)
    assert (original > 5).all() and ((shown > 5) | (shown == MASK)).all()
    # 1,170 tokens: standard errors of 1.2 and 0.9 percent, with four of them on either side
    assert np.mean(shown == MASK) == pytest.approx(0.8, abs=0.047)
    assert np.mean(shown == original) == pytest.approx(0.1, abs=0.036)
    # Each position once, and no other token moved.
    where = np.zeros(ids.shape, int)
    np.add.at(where, (np.nonzero(chosen)[0], positions[chosen]), 1)
    assert where.max() == 1
    np.testing.assert_array_equal(hidden[where == 0], ids[where == 0])


def test_the_seed_decides_and_the_ids_stay(rng):
    ids = rows(rng, 20)
    before = ids.copy()
    first, again, other = (masked_tokens(ids, TOKENIZER, seed=seed)[0]["token_ids"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(ids, before)


def test_rows_without_ordinary_tokens_have_no_weight():
    inputs, _, weights = masked_tokens(
        padded([TOKENIZER.encode(""), TOKENIZER.encode(" \u3000")], 8), TOKENIZER
    )
    assert weights.sum() == 0 and inputs["token_ids"].max() <= 5


@pytest.mark.parametrize(
    ("ids", "tokenizer", "rate", "words"),
    [
        ([[3, 6, 4]], TOKENIZER, 0.0, "rate=0.0"),
        ([[3, 6, 4]], TOKENIZER, 1.0, "rate=1.0"),
        ([[3, 206, 4]], TOKENIZER, 0.15, "0 to 205. Received: 3 to 206"),
        ([[-1]], TOKENIZER, 0.15, "Received: -1 to -1"),
        (
            [[1]],
            CharTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"]),
            0.15,
            "must contain .MASK. and an ordinary",
        ),
        ([[1]], CharTokenizer.from_texts([]), 0.15, "an ordinary token"),
    ],
)
def test_what_it_refuses(ids, tokenizer, rate, words):
    with pytest.raises(ValueError, match=words):
        masked_tokens(ids, tokenizer, rate=rate)


@pytest.mark.parametrize("seed", [-1, 1.5, True])
def test_a_seed_is_a_non_negative_integer(seed):
    with pytest.raises(ValueError, match=f"`seed` must be a non-negative integer. Received: seed={seed}"):
        masked_tokens([[3, 6, 4]], TOKENIZER, seed=seed)
