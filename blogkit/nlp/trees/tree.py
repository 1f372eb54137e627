"""Trees: a word, or a list of at least two trees, such as `[["the", "cat"], "sleeps"]`."""

Tree = str | list  # a word, or a list of trees


def leaves(tree: Tree) -> list[str]:
    """Words of a tree from left to right.

    Example:

    >>> leaves([["the", "cat"], "sleeps"])
    ['the', 'cat', 'sleeps']
    """
    if isinstance(tree, str):
        return [tree]
    return [word for child in tree for word in leaves(child)]


def collapsed(children: list[Tree | None]) -> Tree | None:
    """Tree of the `children` that are not None: a single child replaces its node, no child gives None."""
    children = [child for child in children if child is not None]
    if len(children) > 1:
        return children
    return children[0] if children else None
