"""Words as numbers, for language models."""

from collections import Counter

UNKNOWN, END = "<unk>", "<eos>"


class Vocabulary:
    """The most frequent words of a text; 0 is any other word, 1 the end of a sentence.

    Args:
        sentences: Iterable of lists of words.
        size: Number of ids, those two included; as many as there are words by default.

    Attributes:
        words: List of all words by id, `"<unk>"` and `"<eos>"` first. Words of equal frequency
            are in order of their letters, so the ids do not depend on the order of sentences.

    Raises:
        ValueError: If `size` is below 3, or there are no words.

    Example:

    >>> vocabulary = Vocabulary([["the", "cat"], ["the", "dog"]], size=4)
    >>> vocabulary.words
    ['<unk>', '<eos>', 'the', 'cat']
    >>> vocabulary.encode(["the", "dog"])
    [2, 0]
    >>> vocabulary.stream([["the", "cat"], ["the", "dog"]])
    [2, 3, 1, 2, 0, 1]
    """

    def __init__(self, sentences, size=None):
        if size is not None and size < 3:
            raise ValueError(
                f"`size` must be at least 3, for <unk>, <eos> and a word. Received: size={size}."
            )
        counts = Counter(word for sentence in sentences for word in sentence)
        for special in (UNKNOWN, END):
            counts.pop(special, None)
        if not counts:
            raise ValueError("A vocabulary needs at least one word. Received: none.")
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        self.words = [UNKNOWN, END, *ordered[: None if size is None else size - 2]]
        self._ids = {word: number for number, word in enumerate(self.words)}

    def __len__(self):
        return len(self.words)

    def encode(self, words):
        """The ids of a sentence's words."""
        return [self._ids.get(word, 0) for word in words]

    def stream(self, sentences):
        """All sentences in one list of ids, each with `<eos>` behind it."""
        return [number for sentence in sentences for number in (*self.encode(sentence), 1)]
