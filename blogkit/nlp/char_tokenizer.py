"""Tokenizer with one token per character, so that text and model share their positions."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from blogkit.checks import check_count
from blogkit.files_read import note

PAD, UNKNOWN, START, END, MASK, SPACE = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"
# Special tokens of a vocabulary made by `from_texts`; [PAD] comes first, so its id is 0.
SPECIAL = (PAD, SPACE, UNKNOWN, START, END, MASK)
NEEDED = (PAD, UNKNOWN, START, END)


class CharTokenizer:
    """Encodes a text as `[CLS]`, one token per character, `[SEP]`.

    A character in the vocabulary is its own token; otherwise white space becomes `[unused1]`
    and any other character `[UNK]`. For every text

        len(tokens(text)) == len(text) + 2  and  token i stands for text[i - 1],

    so tokens first to last, both included, are `text[first - 1 : last]`. This is why the
    article uses neither word pieces nor normalisation (kexue.fm, archives/6736). A character
    is a code point of Python's `str`.

    Args:
        vocabulary: Tokens in the order of their ids, for example
            `blogkit.datasets.bert_vocabulary()`. Word pieces in it are never used.
        lowercase: Look characters up in lower case, if that is a single character. BERT's
            Chinese vocabulary has only lower-case Latin letters; the article leaves this off,
            so capital letters become `[UNK]`.
        nfkc: Look characters up in the Unicode form NFKC, if that is a single character: full-width
            letters and compatibility ideographs, which vocabularies of SentencePiece do not have.
            Before lower case.

    Attributes:
        vocabulary: List of the tokens.

    Raises:
        ValueError: If tokens repeat, `[UNK]`, `[CLS]` or `[SEP]` is missing, or `[PAD]` is not
            the first token.

    Example:

    >>> from blogkit.nlp import CharTokenizer
    >>> tokenizer = CharTokenizer(["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "猫", "a"])
    >>> tokenizer.tokens("猫 aB")
    ['[CLS]', '猫', '[unused1]', 'a', '[UNK]', '[SEP]']
    >>> tokenizer.encode("猫 aB")
    [3, 5, 1, 6, 2, 4]
    """

    def __init__(self, vocabulary: Iterable[str], lowercase: bool = False, nfkc: bool = False):
        self.vocabulary = list(vocabulary)
        self.lowercase, self.nfkc = lowercase, nfkc
        self._ids = {token: number for number, token in enumerate(self.vocabulary)}
        if len(self._ids) < len(self.vocabulary):
            twice = next(token for token, count in Counter(self.vocabulary).items() if count > 1)
            raise ValueError(f"Tokens of `vocabulary` must be unique. Received twice: {twice!r}.")
        if missing := [token for token in NEEDED if token not in self._ids]:
            raise ValueError(
                f"`vocabulary` must contain {', '.join(NEEDED)}. "
                f"Missing in {len(self)} tokens: {', '.join(missing)}."
            )
        if self._ids[PAD] != 0:
            raise ValueError(
                f"{PAD} must be the first token, because padding is 0. Received: {PAD} with id "
                f"{self._ids[PAD]}."
            )

    @classmethod
    def from_folder(cls, folder: str | Path) -> "CharTokenizer":
        """The tokenizer of a folder with a BERT: its vocab.txt, looked up as its tokenizer_config.json says.

        Raises:
            ValueError: If one of the files is missing or damaged; see also the class.
        """
        folder = Path(folder).expanduser()
        try:
            vocabulary = note(folder / "vocab.txt").read_bytes().decode("utf-8").split("\n")
            config = json.loads(note(folder / "tokenizer_config.json").read_text(encoding="utf-8"))
            lowercase, nfkc = bool(config.get("do_lower_case", False)), bool(config.get("nfkc", False))
        except (OSError, ValueError, AttributeError) as error:
            raise ValueError(
                "`folder` must hold vocab.txt and tokenizer_config.json. "
                f"Received: folder={str(folder)!r}: {error}."
            ) from error
        vocabulary = [token.removesuffix("\r") for token in vocabulary]
        return cls(vocabulary[:-1] if vocabulary[-1] == "" else vocabulary, lowercase, nfkc)

    @classmethod
    def from_texts(
        cls, texts: Iterable[str], min_count: int = 1, lowercase: bool = False, nfkc: bool = False
    ) -> "CharTokenizer":
        """Build a tokenizer of the characters that occur at least `min_count` times in `texts`.

        Six special tokens come first, then characters by decreasing frequency. Ties are in order
        of code points, so the ids do not depend on the order of texts.

        Raises:
            ValueError: If `min_count` is not a positive integer.

        Example:

        >>> CharTokenizer.from_texts(["abba", "cab"], min_count=2).vocabulary[6:]
        ['a', 'b']
        """
        check_count("min_count", min_count)
        counts = Counter(_form(character, lowercase, nfkc) for text in texts for character in text)
        characters = [character for character in counts if counts[character] >= min_count]
        return cls([*SPECIAL, *sorted(characters, key=lambda one: (-counts[one], one))], lowercase, nfkc)

    def get_config(self) -> dict:
        """The arguments of an equal tokenizer, as JSON types."""
        return {"vocabulary": self.vocabulary, "lowercase": self.lowercase, "nfkc": self.nfkc}

    def __len__(self) -> int:
        return len(self.vocabulary)

    def tokens(self, text: str) -> list[str]:
        """Tokens of a text: `[CLS]`, one token per character, `[SEP]`."""
        return [START, *map(self._token, text), END]

    def encode(self, text: str, max_length: int | None = None) -> list[int]:
        """Ids of `tokens(text)`.

        Args:
            text: A string.
            max_length: Most ids to return; longer texts are cut to their first `max_length - 2`
                characters. No limit by default.

        Raises:
            ValueError: If `max_length` is not an integer of at least 2, for `[CLS]` and `[SEP]`.
        """
        if max_length is not None:
            check_count("max_length", max_length, 2)  # [CLS] and [SEP]
            text = text[: max_length - 2]
        return [self._ids[token] for token in self.tokens(text)]

    def _token(self, character):
        character = _form(character, self.lowercase, self.nfkc)
        if character in self._ids:
            return character
        return SPACE if SPACE in self._ids and character.isspace() else UNKNOWN


def _form(character, lowercase, nfkc):
    if nfkc:
        character = _single(unicodedata.normalize("NFKC", character), character)
    return _single(character.lower(), character) if lowercase else character


def _single(form, character):
    return form if len(form) == 1 else character  # İ has two characters in lower case, ㎏ two in NFKC
