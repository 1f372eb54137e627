"""Unlabelled bracket F1 by the convention of the ON-LSTM paper's code."""

import math

from blogkit.nlp.trees.tree import leaves


def brackets(tree):
    """The spans `(first, after the last)` of all inner nodes but the root.

    Example:

    >>> sorted(brackets([["the", "cat"], ["sees", ["a", "dog"]]]))
    [(0, 2), (2, 5), (3, 5)]
    """
    spans = set()
    _collect(tree, 0, spans)
    spans.discard((0, len(leaves(tree))))  # also of a node over the whole sentence below the root
    return spans


def _collect(tree, first, spans):
    if isinstance(tree, str):
        return first + 1
    last = first
    for child in tree:
        last = _collect(child, last, spans)
    spans.add((first, last))
    return last


def bracket_f1(tree, gold):
    """F1 of one sentence between 0 and 1; see `mean_bracket_f1`.

    With P the part of the tree's brackets that are gold's, R the part of gold's that are the
    tree's, F1 = 2 P R / (P + R). Where gold has no inner bracket, F1 is 1 if the tree has none
    either, else 0.

    Args:
        tree, gold: Trees over the same number of words.

    Raises:
        ValueError: If they have other numbers of words.

    Example: one of two, and one of three.

    >>> bracket_f1([["a", "b"], [["c", "d"], "e"]], [["a", "b"], "c", ["d", "e"]])
    0.4
    """
    lengths = len(leaves(tree)), len(leaves(gold))
    if lengths[0] != lengths[1]:
        raise ValueError(
            "Both trees must be over the same words. "
            f"Received: trees over {lengths[0]} and {lengths[1]} words. Drop the same punctuation from both."
        )
    found, wanted = brackets(tree), brackets(gold)
    if not wanted:
        return float(not found)
    both = len(found & wanted)
    return 2 * both / (len(found) + len(wanted))


def mean_bracket_f1(trees, golds):
    """The mean of the sentences' F1, as that paper reports it; times 100 for its figures.

    Raises:
        ValueError: If there are none, another number of golds, or a pair does not fit.
    """
    trees, golds = list(trees), list(golds)
    if not trees or len(trees) != len(golds):
        raise ValueError(
            f"There must be one gold tree per tree. Received: {len(trees)} trees, {len(golds)} gold trees."
        )
    return math.fsum(map(bracket_f1, trees, golds)) / len(trees)
