"""Reader of treebank files as unlabelled trees."""

import gzip
from pathlib import Path

from blogkit.checks import check_choice
from blogkit.files_read import note
from blogkit.nlp.trees.penn import parse_penn, words_of_penn
from blogkit.nlp.trees.sinica import parse_sinica
from blogkit.nlp.trees.tree import Tree

FORMATS = ("penn", "sinica")


def read_trees(path: str | Path, form: str) -> list[Tree]:
    """Read the trees of one file, over the words that count in the evaluation.

    Args:
        path: A UTF-8 text file, may be gzip (`.gz`).
        form: Format of the file: `"penn"`, see `parse_penn` and `words_of_penn`; or `"sinica"`,
            see `parse_sinica`.

    Returns:
        A list of trees. Sentences without such words are dropped.

    Raises:
        FileNotFoundError: If the file is missing.
        ValueError: If `form` is unknown, or the file is malformed; names path and line.
    """
    check_choice("form", form, FORMATS)
    data = note(path).read_bytes()
    try:
        text = (gzip.decompress(data) if str(path).endswith(".gz") else data).decode("utf-8-sig")
        if form == "sinica":
            return parse_sinica(text)
        return [tree for tree in map(words_of_penn, parse_penn(text)) if tree is not None]
    except Exception as error:  # a damaged gzip file raises EOFError, zlib.error and others
        raise ValueError(f"{path} is not a treebank in the format {form!r}. {error}") from error
