"""A tree is a word or a list of at least two trees: `[["the", "cat"], "sleeps"]`."""


def leaves(tree):
    """The words of a tree from left to right.

    Example:

    >>> leaves([["the", "cat"], "sleeps"])
    ['the', 'cat', 'sleeps']
    """
    if isinstance(tree, str):
        return [tree]
    return [word for child in tree for word in leaves(child)]


def collapsed(children):
    """The tree of `children`, None for a missing one: a node with one child is that child."""
    children = [child for child in children if child is not None]
    if len(children) > 1:
        return children
    return children[0] if children else None
