"""Binary trees over a sentence: from distances, and the ones that know nothing."""

import numpy as np

from blogkit.nlp.trees.tree import collapsed

BUILDERS = ("article", "unbiased")


def tree_from_distances(words, distances, builder="article"):
    """Splits a sentence where the distance is largest, then both parts, and so on.

    "article" is https://kexue.fm/archives/6621 and the paper's own code: with `k` the first
    place of the largest distance, the tree is

        [tree of words[:k], [words[k], tree of words[k + 1:]]]

    which puts every word that opens a part on the left of what follows, and so leans to the
    right whatever the distances are (Dyer et al. 2019, arXiv:1909.09428). "unbiased" takes
    `distances[t]` as that of the gap before word `t`, cuts at the largest gap of a part,

        [tree of words[:k], tree of words[k:]]

    and does not look at the distance of a part's first word.

    Args:
        words: Sequence of strings, at least one.
        distances: One finite number per word.
        builder: `"article"` or `"unbiased"`.

    Returns:
        A word, or nested lists with two children each.

    Raises:
        ValueError: If there are no words, another number of distances, one that is not
            finite, or the builder is unknown.

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
            "There must be one distance per word. "
            f"Received: {len(words)} words, distances of shape {distances.shape}."
        )
    if not np.isfinite(distances).all():
        word = int(np.argmin(np.isfinite(distances)))
        raise ValueError(
            f"Distances must be finite. Received: {distances[word]} for word {word}, {words[word]!r}."
        )
    if builder not in BUILDERS:
        raise ValueError(f"`builder` must be 'article' or 'unbiased'. Received: builder={builder!r}.")
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


def left_branching(words):
    """`[[[a, b], c], d]`."""
    tree, *rest = _words(words)
    for word in rest:
        tree = [tree, word]
    return tree


def right_branching(words):
    """`[a, [b, [c, d]]]`."""
    *rest, tree = _words(words)
    for word in reversed(rest):
        tree = [word, tree]
    return tree


def balanced_tree(words):
    """Halves of halves; of an odd number the right part has one word more."""
    words = _words(words)
    middle = len(words) // 2
    return [balanced_tree(words[:middle]), balanced_tree(words[middle:])] if middle else words[0]


def _words(words):
    words = list(words)
    if not words:
        raise ValueError("A tree needs at least one word. Received: none.")
    return words
