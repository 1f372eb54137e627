"""Drawing of a tree as text for a terminal, and with matplotlib."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from blogkit.extras import import_extra
from blogkit.nlp.trees.tree import Tree, leaves


class Node(NamedTuple):
    """Position of an inner node. Words have height 0, a node is higher than its children."""

    column: float
    height: int
    children: list  # (column, height) of each


def layout(tree: Tree, columns: Iterable[float]) -> list[Node]:
    """Inner nodes of a tree whose words are at `columns`, children before parents."""
    nodes, columns = [], iter(columns)

    def place(tree):
        if isinstance(tree, str):
            return next(columns), 0
        children = [place(child) for child in tree]
        nodes.append(
            Node((children[0][0] + children[-1][0]) / 2, 1 + max(height for _, height in children), children)
        )
        return nodes[-1][:2]

    place(tree)
    return nodes


def tree_text(tree: Tree) -> str:
    """Draw a tree as lines of text, the words in the first line and the nodes below.

    Chinese characters are two columns wide, as in a terminal.

    Example:

    >>> print(tree_text([["the", "cat"], "sleeps"]))
    the cat sleeps
     └─┬─┘    │
       └──┬───┘
    """
    words = leaves(tree)
    middles, column = [], 0
    for word in words:
        middles.append(column + (_width(word) - 1) // 2)
        column += _width(word) + 1
    nodes = layout(tree, middles)
    rows, open_columns = [" ".join(words)], set(middles)
    for height in range(1, max((node.height for node in nodes), default=0) + 1):
        row = ["│" if column in open_columns else " " for column in range(middles[-1] + 1)]
        for node in nodes:
            if node.height != height:
                continue
            children, middle = [int(column) for column, _ in node.children], int(node.column)
            first, last = children[0], children[-1]
            row[first : last + 1] = "─" * (last + 1 - first)
            for column in children:
                row[column] = "┴"
            row[first], row[last] = "└", "┘"
            row[middle] = "┼" if middle in children else "┬"
            open_columns = open_columns - set(children) | {middle}
        rows.append("".join(row).rstrip())
    return "\n".join(rows)


def draw_tree(tree: Tree, axes=None, **text):
    """Draw a tree with matplotlib, the root at the top, the words at the bottom.

    Args:
        tree: A word, or nested lists.
        axes: matplotlib axes to draw on; the current ones by default.
        **text: Keyword arguments of `axes.text`, such as `fontsize`. Chinese words need a Chinese
            font: `fontproperties=blogkit.report.chinese_font()`.

    Returns:
        `axes`, without frame and ticks.
    """
    if axes is None:
        axes = import_extra("matplotlib.pyplot", needed_by="draw_tree").gca()
    words = leaves(tree)
    nodes = layout(tree, range(len(words)))
    for node in nodes:
        for column, height in node.children:
            axes.plot([node.column, column], [node.height, height], color="0.3", linewidth=1)
    for column, word in enumerate(words):
        axes.text(column, -0.15, word, ha="center", va="top", **text)
    axes.set_xlim(-0.6, len(words) - 0.4)
    axes.set_ylim(-0.8, max((node.height for node in nodes), default=0) + 0.2)
    axes.axis("off")
    return axes


def _width(word):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)
