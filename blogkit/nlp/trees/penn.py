"""Parser of Penn bracketing: `( (S (NP (DT the) (NN cat) ) (VP (VBZ sleeps) ) (. .) ))`."""

import re

from blogkit.nlp.trees.tree import Tree, collapsed

# Tags of words in the paper's code, without punctuation, $, # and traces.
WORD_TAGS = frozenset(
    "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH "
    "VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB".split()
)


def parse_penn(text: str) -> list[tuple[str, list]]:
    """Parse all labelled trees in a text in Penn bracketing.

    Args:
        text: Contents of an `.mrg` file.

    Returns:
        A list of nodes `(label, children)`. The only child of a tag is its word, a string. The
        label of an outermost node is empty, as in the file.

    Raises:
        ValueError: If parentheses do not match or a word is outside of them; names the line.

    Example:

    >>> parse_penn("( (S (NN cat) ))")
    [('', [('S', [('NN', ['cat'])])])]
    """
    trees, open_nodes = [], []
    for number, line in enumerate(text.splitlines(), 1):
        tokens = re.findall(r"[()]|[^\s()]+", line)
        for token, before in zip(tokens, [None, *tokens]):
            if token == "(":
                open_nodes.append(("", [], number))
            elif token == ")":
                if not open_nodes:
                    raise ValueError(f"Line {number}: `)` without its `(`. Received: {_short(line)}")
                label, children, _ = open_nodes.pop()
                (open_nodes[-1][1] if open_nodes else trees).append((label, children))
            elif not open_nodes:
                raise ValueError(
                    f"Line {number}: {token!r} is outside of parentheses. Received: {_short(line)}"
                )
            elif before == "(":
                open_nodes[-1] = (token, *open_nodes[-1][1:])
            else:
                open_nodes[-1][1].append(token)
    if open_nodes:
        number = open_nodes[0][2]
        raise ValueError(
            f"Line {number}: `(` is never closed. Received: {_short(text.splitlines()[number - 1])}"
        )
    return trees


def words_of_penn(node: tuple[str, list]) -> Tree | None:
    """Unlabelled tree over the words that the paper's code keeps.

    Punctuation, currency signs and traces are dropped, words are in lower case with each run of
    digits replaced by N, and a node with one remaining child is replaced by that child.

    Returns:
        A tree (a word, or nested lists), or None if no word remains.

    Example:

    >>> (tree,) = parse_penn("( (S (NP (DT The) (CD 61) (NNS cats) ) (VP (VBP sleep) ) (. .) ))")
    >>> words_of_penn(tree)
    [['the', 'N', 'cats'], 'sleep']
    """
    label, children = node
    if label in WORD_TAGS:
        return re.sub("[0-9]+", "N", children[0].lower())
    return collapsed([words_of_penn(child) for child in children if not isinstance(child, str)])


def _short(line):
    return line if len(line) <= 60 else f"{line[:57]}..."
