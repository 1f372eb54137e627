"""Parser of the Sinica treebank; a line is like `#8:8.[1211] NP(Head:DM:有一天)#，(COMMACATEGORY)`."""

import re

from blogkit.nlp.trees.tree import Tree, collapsed


def parse_sinica(text: str) -> list[Tree]:
    """Parse all trees in a text of the Sinica treebank, without labels.

    A node is `role:category(child|child)`, a word `role:tag:word`. The punctuation after the last
    parenthesis, from `#` on, is dropped. A node with one child is replaced by that child.

    Returns:
        A list of trees: a word, or nested lists.

    Raises:
        ValueError: If parentheses do not match or a line has no word; names the line.

    Example:

    >>> parse_sinica("#7:7.[2869] VP(manner:Dh:一起|Head:VA13:回家)#。(PERIODCATEGORY)")
    [['一起', '回家']]
    """
    return [_tree(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _tree(line, number):
    def error(what):
        shown = line if len(line) <= 60 else f"{line[:57]}..."
        return ValueError(f"Line {number}: {what}. Received: {shown}")

    inside = re.sub(r"^#\S+\s", "", line.strip())
    inside = re.sub(r"(?<=\))#.*$", "", inside)
    open_nodes = [[]]
    for token, following in re.findall(r"([^()|]*)([()|]|$)", inside):
        if following != "(" and token.count(":") >= 2:
            open_nodes[-1].append(token.rpartition(":")[2])
        if following == "(":
            open_nodes.append([])
        elif following == ")":
            if len(open_nodes) == 1:
                raise error("`)` without its `(`")
            node = collapsed(open_nodes.pop())
            if node is not None:
                open_nodes[-1].append(node)
    if len(open_nodes) > 1:
        raise error("`(` is never closed")
    tree = collapsed(open_nodes[0])
    if tree is None:
        raise error("no word")
    return tree
