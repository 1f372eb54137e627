"""Unlabelled bracket F1, as defined in the code of the ON-LSTM paper."""

import math
from collections.abc import Iterable

from blogkit.nlp.trees.tree import Tree, leaves


def brackets(tree: Tree) -> set[tuple[int, int]]:
    """Spans `(first, last + 1)` of all inner nodes except the root.

    Example:

    >>> sorted(brackets([["the", "cat"], ["sees", ["a", "dog"]]]))
    [(0, 2), (2, 5), (3, 5)]
    """
    spans = set()
    _collect(tree, 0, spans)
    spans.discard((0, len(leaves(tree))))  # the root, and any node below it over the whole sentence
    return spans


def _collect(tree, first, spans):
    if isinstance(tree, str):
        return first + 1
    last = first
    for child in tree:
        last = _collect(child, last, spans)
    spans.add((first, last))
    return last


def bracket_f1(tree: Tree, gold: Tree) -> float:
    """F1 of one sentence, between 0 and 1.

    F1 = 2 P R / (P + R), where P is the share of the tree's brackets that are in gold and R the
    share of gold's brackets that are in the tree. If gold has no bracket, F1 is 1 if the tree
    has none either, else 0.

    Args:
        tree, gold: Trees over the same number of words.

    Raises:
        ValueError: If their numbers of words differ.

    Example:

    >>> bracket_f1([["a", "b"], [["c", "d"], "e"]], [["a", "b"], "c", ["d", "e"]])
    0.4
    """
    lengths = len(leaves(tree)), len(leaves(gold))
    if lengths[0] != lengths[1]:
        raise ValueError(
            "`tree` and `gold` must have the same number of words. "
            f"Received: {lengths[0]} and {lengths[1]} words. Drop the same punctuation from both."
        )
    found, wanted = brackets(tree), brackets(gold)
    if not wanted:
        return float(not found)
    both = len(found & wanted)
    return 2 * both / (len(found) + len(wanted))


def mean_bracket_f1(trees: Iterable[Tree], golds: Iterable[Tree]) -> float:
    """Mean of the sentences' F1; the ON-LSTM paper reports 100 times this.

    Raises:
        ValueError: If there are no trees, or the numbers of trees or of words differ.
    """
    trees, golds = list(trees), list(golds)
    if not trees or len(trees) != len(golds):
        raise ValueError(
            f"`golds` must have one gold tree per tree, at least one. "
            f"Received: {len(trees)} trees, {len(golds)} gold trees."
        )
    return math.fsum(map(bracket_f1, trees, golds)) / len(trees)
