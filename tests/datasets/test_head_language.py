"""Generated language: grammar recovered from the words, mirrored trees, probabilities."""

from collections import Counter

import numpy as np
import pytest

from blogkit.datasets import head_language


def check_phrase(tree, level, around, heads):
    """Whether a tree is a phrase of this level inside the phrases `around`."""
    head, *children = tree if heads == "first" else tree[::-1]
    assert head[0] == "ABCD"[level - 1] and 1 <= len(children) <= 3
    inside = [*around, head.lower()]
    for child in children:
        if isinstance(child, str):
            name, variant = child.split(".")
            assert name in inside and 0 <= int(variant) < 4
        else:
            assert level > 1
            check_phrase(child, level - 1, inside, heads)


@pytest.mark.parametrize("heads", ["first", "last"])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_every_tree_follows_the_grammar(heads, depth):
    for tree in head_language(200, depth, heads, seed=1):
        check_phrase(tree, depth, [], heads)


def test_the_other_language_has_the_same_phrases_mirrored():
    def turned(tree):
        return tree if isinstance(tree, str) else [*tree[1:], tree[0]] if isinstance(tree[0], str) else tree

    def heads_behind(tree):
        return tree if isinstance(tree, str) else turned([heads_behind(child) for child in tree])

    assert [heads_behind(t) for t in head_language(50, 3, seed=4)] == head_language(50, 3, "last", seed=4)


def test_chances_are_those_of_the_docstring():
    trees = head_language(20_000, 2, seed=2)
    children = [child for tree in trees for child in tree[1:]]
    phrases = [child for child in children if not isinstance(child, str)]
    n = len(children)
    assert abs(len(phrases) / n - 0.75) < 4 * np.sqrt(0.75 * 0.25 / n)
    for counts, categories in (
        (Counter(tree[0] for tree in trees), 6),
        (Counter(len(tree) for tree in trees), 3),
        (Counter(word.split(".")[0][0] for phrase in phrases for word in phrase[1:]), 2),
    ):
        total, share = sum(counts.values()), 1 / categories
        assert len(counts) == categories
        for count in counts.values():
            assert abs(count / total - share) < 4.5 * np.sqrt(share * (1 - share) / total)


def test_a_seed_repeats_and_another_differs():
    assert head_language(20, 3, seed=5) == head_language(20, 3, seed=5) != head_language(20, 3, seed=6)


@pytest.mark.parametrize(
    "wrong",
    [
        {"depth": 0},
        {"depth": 5},
        {"depth": 2.0},
        {"seed": -1},
        {"topics": 1.5},
        {"heads": "both"},
        {"topics": 0},
        {"variants": 0},
        {"sentences": -1},
    ],
)
def test_refuses(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"`{name}` must be .* Received: {name}={value!r}"):
        head_language(**{"sentences": 1, "depth": 1, **wrong})
