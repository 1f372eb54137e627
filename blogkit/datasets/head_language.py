"""Generated language whose sentences have known trees, to evaluate unsupervised parsing."""

import numpy as np

from blogkit.checks import check_choice, check_count

LEVELS = "abcd"
HEADS = ("first", "last")


def head_language(
    sentences: int, depth: int, heads: str = "first", topics: int = 6, variants: int = 4, seed: int = 0
) -> list[list]:
    """Draw trees from a probabilistic grammar in which every phrase has a topic.

    All draws are uniform unless stated. A phrase of level k draws one of `topics` and consists
    of its head, a word that names level and topic, and 1 to 3 children. At level 1 the children
    are words; above, each is a phrase of level k - 1 with probability 3/4, else a word. A word
    names level and topic of one of its enclosing phrases, and one of `variants`. Predicting the
    next word therefore requires the topics of all open phrases, the outer ones for longer: this
    is the order that ON-LSTM assumes.

    With `heads="last"` the head follows its children. The trees are mirrored and the entropy
    per sentence is the same, but nothing marks the start of a phrase.

    Args:
        sentences: Number of trees.
        depth: Level of the outermost phrase, 1 to 4.
        heads: Place of the head in its phrase, `"first"` or `"last"`.
        topics, variants: Number of topics per level, and of variants per topic; at least 1.
        seed: Non-negative integer.

    Returns:
        A list of trees, nested lists of words. In `"b2.0"` the letter is the level (a is 1), the
        first number the topic, the second the variant. Heads are capitalised, without variant.

    Raises:
        ValueError: If a number is out of range or `heads` is unknown.

    Example:

    >>> head_language(1, depth=2, seed=6)
    [['B2', ['A5', 'a5.1', 'b2.3'], ['A2', 'a2.1', 'a2.2', 'b2.0']]]
    """
    check_count("sentences", sentences, 0)
    check_count("depth", depth)
    check_choice("depth", depth, range(1, len(LEVELS) + 1))
    check_choice("heads", heads, HEADS)
    check_count("topics", topics)
    check_count("variants", variants)
    check_count("seed", seed, 0)
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
