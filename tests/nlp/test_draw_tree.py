"""Drawings of trees: every line ends at a node or a word."""

import sys

import numpy as np
import pytest

from blogkit.nlp import draw_tree, leaves, tree_text


def test_text():
    assert tree_text([["a", "b"], "c"]).splitlines() == ["a b c", "└┬┘ │", " └┬─┘"]
    assert tree_text(["a", ["b", ["c", "d"]]]).splitlines() == ["a b c d", "│ │ └┬┘", "│ └┬─┘", "└┬─┘"]
    assert tree_text(["a", "b", "c"]).splitlines() == ["a b c", "└─┼─┘"]
    assert tree_text("a") == "a"


def test_text_counts_chinese_twice():
    # 颜色 has the columns 0 to 3, 是 5 and 6, x 8.
    assert tree_text([["颜色", "是"], "x"]).splitlines() == ["颜色 是 x", " └─┬─┘  │", "   └─┬──┘"]


@pytest.mark.parametrize("tree", [[["ab", "cde"], ["f", ["g", "h"]]], ["a", "b", ["c", "d"]], "a"])
def test_matplotlib(tree):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = draw_tree(tree, axes=figure.add_subplot(), fontsize=9)
    assert [text.get_text() for text in axes.texts] == leaves(tree)
    assert [text.get_position()[0] for text in axes.texts] == list(range(len(leaves(tree))))
    assert all(text.get_fontsize() == 9 for text in axes.texts)
    ends = [np.array(line.get_xydata()) for line in axes.lines]  # parent, child
    assert all(parent[1] > child[1] for parent, child in ends)
    # Each word and each inner node but the root is the lower end of one line.
    lower = sorted(tuple(child) for _, child in ends)
    assert len(set(lower)) == len(lower)
    assert sum(child[1] == 0 for child in lower) == (len(leaves(tree)) if isinstance(tree, list) else 0)
    upper = {tuple(parent) for parent, _ in ends}
    assert len(upper - set(lower)) == (1 if isinstance(tree, list) else 0)
    assert not axes.axison


def test_current_axes_by_default():
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    assert draw_tree(["a", "b"]) is plt.gca()
    plt.close()
    assert "matplotlib" in sys.modules
