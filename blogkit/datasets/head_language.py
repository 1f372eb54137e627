"""A generated language whose sentences have known trees, for measuring what a parser finds."""

import numpy as np

LEVELS = "abcd"
HEADS = ("first", "last")


def head_language(sentences, depth, heads="first", topics=6, variants=4, seed=0):
    """Trees of a probabilistic grammar in which every phrase is about something.

    A phrase of level k draws a topic, of `topics` with equal chances, and consists of its
    head, a word that names level and topic, and of 1 to 3 children (equal chances). Children
    of a level above 1 are phrases of level k - 1 with chance 3/4, else words; those of level 1
    are words. A word names level and topic of one of the phrases around it (equal chances) and
    one of `variants` (equal chances). So whoever guesses the next word must know the topics of
    all open phrases, the outer ones for longer: this is the order that ON-LSTM assumes.

    With `heads="last"` the head stands behind its children. The language has the mirrored
    trees and the same entropy per sentence, but where a phrase begins is announced by nothing.

    Args:
        sentences: Number of trees.
        depth: Level of the outermost phrase, 1 to 4.
        heads: `"first"` or `"last"`.
        topics, variants: Sizes of the vocabulary, at least 1.
        seed: Non-negative integer.

    Returns:
        A list of trees, nested lists of words: in `"b2.0"` the letter is the level (a is 1),
        the first number the topic, the second the variant; heads have a capital and no variant.

    Raises:
        ValueError: For a size out of range or unknown `heads`.

    Example:

    >>> head_language(1, depth=2, seed=6)
    [['B2', ['A5', 'a5.1', 'b2.3'], ['A2', 'a2.1', 'a2.2', 'b2.0']]]
    """
    for name, value, low in (("sentences", sentences, 0), ("topics", topics, 1), ("variants", variants, 1)):
        if value < low:
            raise ValueError(f"`{name}` must be at least {low}. Received: {name}={value}.")
    if not 1 <= depth <= len(LEVELS):
        raise ValueError(f"`depth` must be 1 to {len(LEVELS)}. Received: depth={depth}.")
    if heads not in HEADS:
        raise ValueError(f"`heads` must be 'first' or 'last'. Received: heads={heads!r}.")
    rng = np.random.default_rng(seed)

    def phrase(level, around):
        name = f"{LEVELS[level - 1]}{rng.integers(topics)}"
        around = [*around, name]
        children = []
        for _ in range(rng.integers(1, 4)):
            inner = level > 1 and rng.random() < 0.75
            children.append(phrase(level - 1, around) if inner else word(around))
        head = name.upper()
        return [head, *children] if heads == "first" else [*children, head]

    def word(around):
        return f"{around[rng.integers(len(around))]}.{rng.integers(variants)}"

    return [phrase(depth, []) for _ in range(sentences)]
