"""Word vocabulary of a language model."""

from collections import Counter
from collections.abc import Iterable

from blogkit.checks import check_count

UNKNOWN, END = "<unk>", "<eos>"


class Vocabulary:
    """Maps the most frequent words of a text to ids; id 0 is any other word, id 1 ends a sentence.

    Args:
        sentences: Iterable of lists of words.
        size: Number of ids, including these two; by default every word gets an id.

    Attributes:
        words: List of the words by id, `"<unk>"` and `"<eos>"` first, then by decreasing
            frequency. Ties are in alphabetical order, so the ids do not depend on the order of
            sentences.

    Raises:
        ValueError: If `size` is not an integer of at least 3, or there are no words.

    Example:

    >>> vocabulary = Vocabulary([["the", "cat"], ["the", "dog"]], size=4)
    >>> vocabulary.words
    ['<unk>', '<eos>', 'the', 'cat']
    >>> vocabulary.encode(["the", "dog"])
    [2, 0]
    >>> vocabulary.stream([["the", "cat"], ["the", "dog"]])
    [2, 3, 1, 2, 0, 1]
    """

    def __init__(self, sentences: Iterable[Iterable[str]], size: int | None = None):
        if size is not None:
            check_count("size", size, 3)  # <unk>, <eos> and a word
        counts = Counter(word for sentence in sentences for word in sentence)
        for special in (UNKNOWN, END):
            counts.pop(special, None)
        if not counts:
            raise ValueError("`sentences` must contain at least one word. Received: none.")
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = [UNKNOWN, END, *ordered[: None if size is None else size - 2]]
        self._ids = {word: number for number, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, words: Iterable[str]) -> list[int]:
        """Ids of the words of a sentence."""
        return [self._ids.get(word, 0) for word in words]

    def stream(self, sentences: Iterable[Iterable[str]]) -> list[int]:
        """Ids of all sentences in one list, each sentence followed by `<eos>`."""
        return [number for sentence in sentences for number in (*self.encode(sentence), 1)]
