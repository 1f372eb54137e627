"""Penn bracketing: `( (S (NP (DT the) (NN cat) ) (VP (VBZ sleeps) ) (. .) ))`."""

import re

from blogkit.nlp.trees.tree import collapsed

# What counts as a word in the paper's code: no punctuation, $, # nor trace.
WORD_TAGS = frozenset(
    "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH "
    "VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB".split()
)


def parse_penn(text):
    """All trees in a text in Penn bracketing, with their labels.

    Args:
        text: The contents of an `.mrg` file.

    Returns:
        A list of nodes `(label, children)`; the children of a tag are one word, a string. The
        label of the outermost node is empty, as in the file.

    Raises:
        ValueError: If parentheses do not match or a word stands where none may, with the
            number of the line.

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
                    f"Line {number}: {token!r} stands outside of parentheses. Received: {_short(line)}"
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


def words_of_penn(node):
    """The unlabelled tree over the words that the paper's code keeps.

    Punctuation, currency signs and traces go, words are in lower case with each run of digits
    as N, and a node with one child left is that child.

    Returns:
        A tree (a word, or nested lists), or None if no word is left.

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
