"""One character, one token: positions in the text and positions in the model are the same."""

from collections import Counter

PAD, UNKNOWN, START, END, MASK, SPACE = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"
# Of a vocabulary that is made here; the order gives [PAD] the id 0.
SPECIAL = (PAD, SPACE, UNKNOWN, START, END, MASK)
NEEDED = (PAD, UNKNOWN, START, END)


class CharTokenizer:
    """A text as `[CLS]`, one token for each of its characters, `[SEP]`.

    A character is its own token if the vocabulary has it; else white space is `[unused1]` and
    anything else `[UNK]`. Hence, whatever the text,

        len(tokens(text)) == len(text) + 2  and  token i stands for text[i - 1],

    so the tokens first..last, both included, are `text[first - 1 : last]`: this is why the
    article does not cut words into pieces, nor normalise (kexue.fm, archives/6736). "Character"
    is a code point of Python's `str`.

    Args:
        vocabulary: Tokens in the order of their ids, for example
            `blogkit.datasets.bert_vocabulary()`. Pieces of words are never used.
        lowercase: Look a character up in its lower form, where that is one character too.
            BERT's Chinese vocabulary has small Latin letters only; the article left this
            off, so each capital was unknown.

    Attributes:
        vocabulary: The tokens, a list.

    Raises:
        ValueError: If a token stands twice in the vocabulary, `[UNK]`, `[CLS]` or `[SEP]` is
            missing, or `[PAD]` is not the first.

    Example:

    >>> from blogkit.nlp import CharTokenizer
    >>> tokenizer = CharTokenizer(["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "猫", "a"])
    >>> tokenizer.tokens("猫 aB")
    ['[CLS]', '猫', '[unused1]', 'a', '[UNK]', '[SEP]']
    >>> tokenizer.encode("猫 aB")
    [3, 5, 1, 6, 2, 4]
    """

    def __init__(self, vocabulary, lowercase=False):
        self.vocabulary = list(vocabulary)
        self.lowercase = lowercase
        self._ids = {token: number for number, token in enumerate(self.vocabulary)}
        if len(self._ids) < len(self.vocabulary):
            twice = next(token for token, count in Counter(self.vocabulary).items() if count > 1)
            raise ValueError(f"Every token of a vocabulary must be another one. Received twice: {twice!r}.")
        if missing := [token for token in NEEDED if token not in self._ids]:
            raise ValueError(
                f"A vocabulary needs {', '.join(NEEDED)}. Not among its {len(self)}: {', '.join(missing)}."
            )
        if self._ids[PAD] != 0:
            raise ValueError(
                f"{PAD} must be the first token: padding is zeros everywhere. Received: {PAD} at "
                f"{self._ids[PAD]}."
            )

    @classmethod
    def from_texts(cls, texts, min_count=1, lowercase=False):
        """A tokenizer of the characters that stand at least `min_count` times in `texts`.

        The six special tokens come first, then characters by frequency; those of equal
        frequency in order of their code points, so the ids do not depend on the order of texts.

        Raises:
            ValueError: If `min_count` is below 1.

        Example:

        >>> CharTokenizer.from_texts(["abba", "cab"], min_count=2).vocabulary[6:]
        ['a', 'b']
        """
        if min_count < 1:
            raise ValueError(f"`min_count` must be at least 1. Received: min_count={min_count}.")
        counts = Counter(_form(character, lowercase) for text in texts for character in text)
        characters = [character for character in counts if counts[character] >= min_count]
        return cls([*SPECIAL, *sorted(characters, key=lambda one: (-counts[one], one))], lowercase)

    def __len__(self):
        return len(self.vocabulary)

    def tokens(self, text):
        """`[CLS]`, a token a character, `[SEP]`."""
        return [START, *map(self._token, text), END]

    def encode(self, text, max_length=None):
        """The ids of `tokens(text)`.

        Args:
            text: A string.
            max_length: Keep the first `max_length - 2` characters; all of them by default.

        Raises:
            ValueError: If `max_length` is below 2.
        """
        if max_length is not None:
            if max_length < 2:
                raise ValueError(
                    f"`max_length` must be at least 2, for {START} and {END}. Received: {max_length}."
                )
            text = text[: max_length - 2]
        return [self._ids[token] for token in self.tokens(text)]

    def _token(self, character):
        character = _form(character, self.lowercase)
        if character in self._ids:
            return character
        return SPACE if SPACE in self._ids and character.isspace() else UNKNOWN


def _form(character, lowercase):
    lower = character.lower() if lowercase else character
    return lower if len(lower) == 1 else character  # one capital has a lower form of two characters
