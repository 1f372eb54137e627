"""CharTokenizer: positions of any text are kept; the article's three rules; bad vocabularies."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blogkit.nlp import CharTokenizer, padded

VOCABULARY = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "猫", "a", "i", "##a", "ab", " "]


@given(st.text(), st.booleans())
def test_token_i_stands_for_character_i_minus_1(text, lowercase):
    tokenizer = CharTokenizer(VOCABULARY, lowercase)
    tokens = tokenizer.tokens(text)
    assert len(tokens) == len(text) + 2
    assert (tokens[0], tokens[-1]) == ("[CLS]", "[SEP]")
    for token, character in zip(tokens[1:-1], text):
        assert token in (character, character.lower() if lowercase else character, "[unused1]", "[UNK]")
    assert [tokenizer.vocabulary[i] for i in tokenizer.encode(text)] == tokens


@pytest.mark.parametrize("space", ["\t", "\n", "\r", "\u3000", "\xa0", "\u2003"])
def test_white_space_without_a_token_of_its_own_is_unused1(space):
    assert CharTokenizer(VOCABULARY).tokens(space)[1] == "[unused1]"


def test_a_character_of_the_vocabulary_is_itself_even_white_space():
    assert CharTokenizer(VOCABULARY).tokens(" ")[1] == " "


def test_without_unused1_white_space_is_unknown():
    assert CharTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]"]).tokens(" ")[1] == "[UNK]"


def test_special_tokens_inside_a_text_are_only_characters():
    assert CharTokenizer(VOCABULARY).tokens("[CLS]ab") == ["[CLS]", *["[UNK]"] * 5, "a", "[UNK]", "[SEP]"]


def test_capitals_are_unknown_unless_lowercase_and_one_character():
    assert CharTokenizer(VOCABULARY).tokens("A")[1] == "[UNK]"
    tokenizer = CharTokenizer(VOCABULARY, lowercase=True)
    assert tokenizer.tokens("A")[1] == "a"
    assert len("İ".lower()) == 2 and tokenizer.tokens("İ")[1:-1] == ["[UNK]"]


def test_accents_stay():
    """NFD would turn one character into two."""
    assert len(unicodedata.normalize("NFD", "é")) == 2 and len(CharTokenizer(VOCABULARY).tokens("é")) == 3


def test_encode_cuts_characters_and_keeps_both_ends():
    tokenizer = CharTokenizer(VOCABULARY)
    assert tokenizer.encode("猫a猫", max_length=4) == [3, 6, 7, 4]
    assert tokenizer.encode("猫a猫", max_length=2) == tokenizer.encode("") == [3, 4]
    with pytest.raises(ValueError, match="at least 2.*Received: max_length=1"):
        tokenizer.encode("猫", max_length=1)


def test_from_texts_counts_and_orders():
    tokenizer = CharTokenizer.from_texts(["bAb", "aca"], min_count=2, lowercase=True)
    assert tokenizer.vocabulary == ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
    assert tokenizer.encode("AcB") == [3, 6, 2, 7, 4] and len(tokenizer) == 8
    assert (
        CharTokenizer.from_texts(["ba", "ab"]).vocabulary == CharTokenizer.from_texts(["ab", "ba"]).vocabulary
    )
    assert CharTokenizer.from_texts([]).tokens("a")[1] == "[UNK]"
    with pytest.raises(ValueError, match="min_count=0"):
        CharTokenizer.from_texts(["a"], min_count=0)


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "a"], "twice: 'a'"),
        (["[PAD]", "[UNK]", "[CLS]"], r"Missing in 3 tokens: \[SEP\]"),
        (["[UNK]", "[PAD]", "[CLS]", "[SEP]"], r"\[PAD\] with id 1"),
        ([], r"\[PAD\], \[UNK\]"),
    ],
)
def test_a_vocabulary_that_cannot_work(vocabulary, words):
    with pytest.raises(ValueError, match=words):
        CharTokenizer(vocabulary)


def test_padded():
    assert padded([[1, 2], [], [3]], length=3).tolist() == [[1, 2, 0], [0, 0, 0], [3, 0, 0]]
    assert padded([]).shape == (0, 0) and padded([[]], length=2).dtype == "int32"
    with pytest.raises(ValueError, match="longest row, 2. Received: length=1"):
        padded([[1], [1, 2]], length=1)


def test_nfkc_keeps_one_token_for_a_character():
    """Full-width letters and digits fold; what NFKC makes several characters of does not."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "1", ",", "樂", "k"]
    tokenizer = CharTokenizer(vocabulary, lowercase=True, nfkc=True)
    text = "Ａ①，\uf914㎏ﬁ"  # the fourth is a compatibility ideograph
    assert tokenizer.tokens(text) == ["[CLS]", "a", "1", ",", "樂", "[UNK]", "[UNK]", "[SEP]"]
    assert CharTokenizer(vocabulary, lowercase=True).tokens("Ａa") == ["[CLS]", "[UNK]", "a", "[SEP]"]
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x20000))))
    assert len(tokenizer.tokens(every)) == len(every) + 2
    assert "Ａ" not in CharTokenizer.from_texts(["ＡＡA"], nfkc=True).vocabulary


def test_the_tokenizer_of_a_folder(tmp_path):
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "\x85", "\u2028"]
    (tmp_path / "vocab.txt").write_bytes("\n".join([*vocabulary, ""]).encode())
    with pytest.raises(ValueError, match="must hold vocab.txt and tokenizer_config.json"):
        CharTokenizer.from_folder(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": true, "nfkc": true}')
    tokenizer = CharTokenizer.from_folder(tmp_path)
    assert tokenizer.get_config() == {"vocabulary": vocabulary, "lowercase": True, "nfkc": True}
    assert CharTokenizer(**tokenizer.get_config()).tokens("Ａ") == ["[CLS]", "a", "[SEP]"]
    (tmp_path / "tokenizer_config.json").write_text("[]")
    with pytest.raises(ValueError, match="tokenizer_config.json"):
        CharTokenizer.from_folder(tmp_path)
