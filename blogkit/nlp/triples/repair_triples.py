"""Repair rules of the articles for triples about works, songs and couples."""

import re
from collections.abc import Iterable, Sequence

Triple = tuple[str, str, str]

TITLE = re.compile("《([^《》]*)》")
AROUND = re.compile(r"^[\s《》]+|[\s《》]+$")
ALBUM = "所属专辑"
CREDITS = ("歌手", "作词", "作曲")  # predicates of a song, never of an album
SPOUSES = {"妻子": "丈夫", "丈夫": "妻子"}


def repair_triples(text: str, triples: Iterable[Sequence[str]]) -> tuple[str, tuple[Triple, ...]]:
    """Repair a sentence of SKE 2019 as both articles do, for training and for scoring.

    The rules, in this order (`repair` in bojone/kg-2019 and bojone/bert_in_keras):

    1. text, subjects and objects become lower case; surrounding 《》 and spaces of entities are removed;
    2. a subject that occurs once in the text and is part of a title 《...》 becomes the whole title;
    3. 歌手, 作词 and 作曲 of an album (an object of 所属专辑 that is not also a song) are dropped.

    Characters whose lower case is longer than one character are kept, so positions do not change.

    Args:
        text: A sentence.
        triples: Its triples `(subject, predicate, object)`.

    Returns:
        `(text, triples)`, a new string and a tuple of tuples.

    Raises:
        ValueError: If a triple is not three strings.

    Example:

    >>> repair_triples("《Hello World》由乙写", [("World", "作者", "《乙》")])
    ('《hello world》由乙写', (('hello world', '作者', '乙'),))
    """
    text = _lower(text)
    titles = [title.strip() for title in TITLE.findall(text)]
    repaired = []
    for triple in triples:
        subject, predicate, value = check_triple(triple)
        subject, value = (_lower(AROUND.sub("", part)) for part in (subject, value))
        for title in titles:
            if subject in title and text.count(subject) == 1:
                subject = title
        repaired.append((subject, predicate, value))
    return text, tuple(_without_album_credits(repaired))


def finish_triples(triples: Iterable[Sequence[str]]) -> set[Triple]:
    """Post-process extracted triples as both articles do.

    Each 妻子 (wife) implies the reverse 丈夫 (husband) and vice versa, and 歌手, 作词 and 作曲 of
    albums are dropped as in `repair_triples`.

    Args:
        triples: Triples `(subject, predicate, object)`.

    Returns:
        A set of triples.

    Raises:
        ValueError: If a triple is not three strings.

    Example:

    >>> sorted(finish_triples([("甲", "妻子", "乙")]))
    [('乙', '丈夫', '甲'), ('甲', '妻子', '乙')]
    """
    found = [check_triple(triple) for triple in triples]
    found += [(value, SPOUSES[name], subject) for subject, name, value in found if name in SPOUSES]
    return set(_without_album_credits(found))


def check_triple(triple: Sequence[str]) -> Triple:
    """`triple` as a tuple, after checking that it is three strings."""
    if isinstance(triple, str) or len(triple) != 3 or not all(isinstance(part, str) for part in triple):
        raise ValueError(
            f"A triple must be three strings, subject, predicate and object. Received: {triple!r}."
        )
    return tuple(triple)


def _without_album_credits(triples):
    albums = {value for _, predicate, value in triples if predicate == ALBUM}
    albums -= {subject for subject, predicate, _ in triples if predicate == ALBUM}
    return [t for t in triples if not (t[1] in CREDITS and t[0] in albums)]


def _lower(text):
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)
