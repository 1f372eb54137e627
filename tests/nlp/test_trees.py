"""Trees from distances and their brackets: by hand, by counting, and against each other."""

import itertools

import numpy as np
import pytest

from blogkit.nlp import (
    balanced_tree,
    bracket_f1,
    brackets,
    leaves,
    left_branching,
    mean_bracket_f1,
    right_branching,
    tree_from_distances,
)

WORDS = list("abcde")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("builder", ["article", "unbiased"])
def test_is_binary_and_keeps_the_words(builder, seed):
    rng = np.random.default_rng(seed)
    words = [str(i) for i in range(int(rng.integers(1, 30)))]
    tree = tree_from_distances(words, rng.normal(size=len(words)), builder)
    assert leaves(tree) == words
    # A binary tree over n words has n - 2 inner nodes besides the root.
    assert len(brackets(tree)) == max(0, len(words) - 2)


def test_by_hand():
    # The article's sentence, with distances that fall in the order of its splits.
    words, distances = "苹果 的 颜色 是 什么".split(), [0.1, 0.2, 0.5, 0.3, 0.9]
    assert tree_from_distances(words, distances) == [[["苹果", "的"], ["颜色", "是"]], "什么"]
    assert tree_from_distances(words, distances, "unbiased") == [[["苹果", "的"], ["颜色", "是"]], "什么"]
    # A part that its first word would open again: only the article's rule looks at it.
    assert tree_from_distances("abc", [1, 0, 0.5]) == ["a", ["b", "c"]]
    assert tree_from_distances("abc", [1, 0, 0.5], "unbiased") == [["a", "b"], "c"]
    assert tree_from_distances(["a"], [3]) == "a"


def test_of_equal_distances_the_first_counts():
    assert tree_from_distances(WORDS, [0] * 5) == right_branching(WORDS)
    assert tree_from_distances(WORDS, [0] * 5, "unbiased") == right_branching(WORDS)


def test_monotone_distances_branch_to_one_side():
    for builder in ("article", "unbiased"):
        assert tree_from_distances(WORDS, [5, 4, 3, 2, 1], builder) == right_branching(WORDS)
        assert tree_from_distances(WORDS, [1, 2, 3, 4, 5], builder) == left_branching(WORDS)


def test_only_the_articles_builder_leans_to_the_right():
    """Over all orders of five distances: whether mirror images are built equally often."""

    def mirror(tree):
        return tree if isinstance(tree, str) else [mirror(child) for child in reversed(tree)]

    def shape(tree):
        return repr(tree) if isinstance(tree, list) else ""

    counts = {"article": {}, "unbiased": {}}
    for order, (builder, count) in itertools.product(itertools.permutations(range(5)), counts.items()):
        tree = tree_from_distances("xxxxx", order, builder)
        count[shape(tree)] = count.get(shape(tree), 0) + 1
    right = right_branching("xxxxx")
    for tree, expected in ((right, 1), (balanced_tree("xxxxx"), 1)):
        assert counts["unbiased"][shape(tree)] == expected * counts["unbiased"][shape(mirror(tree))]
    assert counts["article"][shape(right)] > 3 * counts["article"][shape(mirror(right))]


def test_baselines():
    assert left_branching("abcd") == [[["a", "b"], "c"], "d"]
    assert right_branching("abcd") == ["a", ["b", ["c", "d"]]]
    assert balanced_tree("abcde") == [["a", "b"], ["c", ["d", "e"]]]
    assert left_branching("a") == right_branching("a") == balanced_tree("a") == "a"


def test_brackets_leave_out_words_and_the_root():
    assert brackets("a") == brackets(["a", "b"]) == brackets(["a", "b", "c"]) == set()
    assert brackets([["a", "b", "c"], ["d", ["e", "f"]]]) == {(0, 3), (3, 6), (4, 6)}


def test_f1_by_hand():
    gold = [["a", "b"], ["c", ["d", "e"]]]  # 0-2, 2-5, 3-5
    assert bracket_f1(gold, gold) == 1
    assert bracket_f1(right_branching(WORDS), gold) == pytest.approx(2 / 3)  # 1-5, 2-5, 3-5
    assert bracket_f1(left_branching(WORDS), gold) == pytest.approx(1 / 3)
    assert bracket_f1([["a", "b"], "c", "d", "e"], gold) == pytest.approx(2 / 4)
    assert bracket_f1(WORDS, gold) == 0


def test_f1_of_gold_without_brackets():
    assert bracket_f1(["a", "b"], ["a", "b"]) == bracket_f1("a", "a") == 1
    assert bracket_f1([["a", "b"], "c"], ["a", "b", "c"]) == 0
    assert bracket_f1(["a", "b", "c"], ["a", "b", "c"]) == 1


def test_mean_is_over_sentences_not_brackets():
    pairs = [("a", "a"), (left_branching(WORDS), [["a", "b"], ["c", ["d", "e"]]])]
    assert mean_bracket_f1(*zip(*pairs)) == pytest.approx((1 + 1 / 3) / 2)


@pytest.mark.parametrize(
    ("words", "distances", "message"),
    [
        ([], [], "at least one word"),
        (["a", "b"], [1.0], r"2 words, distances of shape \(1,\)"),
        (["a"], [[1.0]], r"1 words, distances of shape \(1, 1\)"),
        (["a", "b"], [1.0, np.nan], "nan for word 1, 'b'"),
        (["a", "b"], [-np.inf, 0], "-inf for word 0, 'a'"),
    ],
)
def test_bad_distances(words, distances, message):
    with pytest.raises(ValueError, match=message):
        tree_from_distances(words, distances)


def test_other_bad_input():
    with pytest.raises(ValueError, match="'article', 'unbiased'.*'left'"):
        tree_from_distances(["a"], [1.0], builder="left")
    for build in (left_branching, right_branching, balanced_tree):
        with pytest.raises(ValueError, match="at least one word"):
            build([])
    with pytest.raises(ValueError, match="2 and 3 words"):
        bracket_f1(["a", "b"], ["a", "b", "c"])
    with pytest.raises(ValueError, match="1 trees, 2 gold trees"):
        mean_bracket_f1(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="0 trees"):
        mean_bracket_f1([], [])
