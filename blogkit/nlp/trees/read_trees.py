"""Treebank files, compressed or not, as unlabelled trees."""

import gzip
from pathlib import Path

from blogkit.nlp.trees.penn import parse_penn, words_of_penn
from blogkit.nlp.trees.sinica import parse_sinica

FORMATS = ("penn", "sinica")


def read_trees(path, form):
    """The trees of one file, in the words that they are measured in.

    Args:
        path: A text file in UTF-8, also with gzip (`.gz`).
        form: `"penn"`, see `parse_penn` and `words_of_penn`; or `"sinica"`, see `parse_sinica`.

    Returns:
        A list of trees; sentences without a word that counts are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If `form` is unknown, or the file is not in it; with the path and the line.
    """
    if form not in FORMATS:
        raise ValueError(f"`form` must be 'penn' or 'sinica'. Received: form={form!r}.")
    data = Path(path).read_bytes()
    try:
        text = (gzip.decompress(data) if str(path).endswith(".gz") else data).decode("utf-8")
        if form == "sinica":
            return parse_sinica(text)
        return [tree for tree in map(words_of_penn, parse_penn(text)) if tree is not None]
    except (ValueError, OSError) as error:
        raise ValueError(f"{path} is no treebank in the form {form!r}. {error}") from error
