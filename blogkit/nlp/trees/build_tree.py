"""Binary trees over a sentence: from syntactic distances, and three baselines."""

from collections.abc import Sequence

import numpy as np

from blogkit.checks import check_choice
from blogkit.nlp.trees.tree import Tree, collapsed

BUILDERS = ("article", "unbiased")


def tree_from_distances(words: Sequence[str], distances: Sequence[float], builder: str = "article") -> Tree:
    """Split a sentence recursively at the largest distance.

    "article" is the rule of https://kexue.fm/archives/6621 and of the paper's code: with `k` the
    first position of the largest distance, the tree is

        [tree of words[:k], [words[k], tree of words[k + 1:]]]

    This rule is biased towards right-branching trees, because `words[k]` always stands to the
    left of the rest (Dyer et al. 2019, arXiv:1909.09428). "unbiased" reads `distances[t]` as the
    distance across the gap before word `t`, splits a part at its largest gap,

        [tree of words[:k], tree of words[k:]]

    and ignores the distance of the first word of a part.

    Args:
        words: Sequence of strings, at least one.
        distances: One finite number per word.
        builder: Splitting rule, `"article"` or `"unbiased"`.

    Returns:
        A word, or nested lists with two children each.

    Raises:
        ValueError: If there are no words, the number of distances differs, a distance is not
            finite, or `builder` is unknown.

    Example:

    >>> from blogkit.nlp import tree_from_distances
    >>> words, distances = "the cat sees a dog".split(), [0.9, 0.2, 0.6, 0.5, 0.1]
    >>> tree_from_distances(words, distances)
    ['the', ['cat', ['sees', ['a', 'dog']]]]
    >>> tree_from_distances(words, distances, builder="unbiased")
    [['the', 'cat'], ['sees', ['a', 'dog']]]
    """
    words, distances = _words(words), np.asarray(distances, "float64")
    if distances.shape != (len(words),):
        raise ValueError(
            "`distances` must have one number per word. "
            f"Received: {len(words)} words, distances of shape {distances.shape}."
        )
    if not np.isfinite(distances).all():
        word = int(np.argmin(np.isfinite(distances)))
        raise ValueError(
            f"`distances` must be finite. Received: {distances[word]} for word {word}, {words[word]!r}."
        )
    check_choice("builder", builder, BUILDERS)
    return {"article": _article, "unbiased": _unbiased}[builder](words, distances)


def _article(words, distances):
    if not words:
        return None
    k = int(np.argmax(distances))
    left, right = _article(words[:k], distances[:k]), _article(words[k + 1 :], distances[k + 1 :])
    return collapsed([left, collapsed([words[k], right])])


def _unbiased(words, distances):
    if len(words) == 1:
        return words[0]
    k = 1 + int(np.argmax(distances[1:]))
    return [_unbiased(words[:k], distances[:k]), _unbiased(words[k:], distances[k:])]


def left_branching(words: Sequence[str]) -> Tree:
    """Left-branching tree `[[[a, b], c], d]`."""
    tree, *rest = _words(words)
    for word in rest:
        tree = [tree, word]
    return tree


def right_branching(words: Sequence[str]) -> Tree:
    """Right-branching tree `[a, [b, [c, d]]]`."""
    *rest, tree = _words(words)
    for word in reversed(rest):
        tree = [word, tree]
    return tree


def balanced_tree(words: Sequence[str]) -> Tree:
    """Balanced tree; of an odd number of words the right part has one more."""
    words = _words(words)
    middle = len(words) // 2
    return [balanced_tree(words[:middle]), balanced_tree(words[middle:])] if middle else words[0]


def _words(words):
    words = list(words)
    if not words:
        raise ValueError("`words` must contain at least one word. Received: none.")
    return words
