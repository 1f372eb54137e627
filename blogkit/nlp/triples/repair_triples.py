"""The rules about books, songs and couples by which the articles mend triples, before training and after."""

import re

TITLE = re.compile("《([^《》]*)》")
AROUND = re.compile(r"^[\s《》]+|[\s《》]+$")
ALBUM = "所属专辑"
CREDITS = ("歌手", "作词", "作曲")  # of a song, never of an album
SPOUSES = {"妻子": "丈夫", "丈夫": "妻子"}


def repair_triples(text, triples):
    """A sentence of SKE 2019 as both articles read it, for training and for scoring.

    In this order (`repair` in bojone/kg-2019 and bojone/bert_in_keras):

    1. text, subjects and objects in lower case; subjects and objects without 《》 and spaces around them;
    2. a subject that stands once in the text and is part of a title 《...》 becomes the whole title;
    3. 歌手, 作词 and 作曲 of an album (an object of 所属专辑) that is no song as well are dropped.

    Lower case is made one character at a time and only where it is one character, so that
    positions stay.

    Args:
        text: A sentence.
        triples: Its `(subject, predicate, object)`.

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


def finish_triples(triples):
    """What both articles do with the triples they have found.

    Each 妻子 (wife) has its 丈夫 (husband) and the reverse, and an album has no 歌手, 作词 or
    作曲 of its own, as in `repair_triples`.

    Args:
        triples: `(subject, predicate, object)`.

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


def check_triple(triple):
    """`triple` as a tuple of three strings, else a ValueError."""
    if isinstance(triple, str) or len(triple) != 3 or not all(isinstance(part, str) for part in triple):
        raise ValueError(f"A triple is three strings, subject, predicate and object. Received: {triple!r}.")
    return tuple(triple)


def _without_album_credits(triples):
    albums = {value for _, predicate, value in triples if predicate == ALBUM}
    albums -= {subject for subject, predicate, _ in triples if predicate == ALBUM}
    return [t for t in triples if not (t[1] in CREDITS and t[0] in albums)]


def _lower(text):
    return "".join(lower if len(lower := character.lower()) == 1 else character for character in text)
