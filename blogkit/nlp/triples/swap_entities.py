"""Data augmentation: replace the entities of a sentence."""

import re
from collections.abc import Iterable, Sequence


def swap_entities(
    text: str, triples: Iterable[Sequence[str]], old: tuple[str, str], new: tuple[str, str]
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Replace a subject and an object by two others, in the text and its triples.

    Both are replaced in one pass, so an inserted name is never replaced again; where one old
    name contains the other, the longer one is matched first. (kg-2019 replaces them one after
    the other, which corrupts the second name if the first contains it.)

    Args:
        text: A sentence.
        triples: Its triples `(subject, predicate, object)`.
        old, new: Pairs `(subject, object)`.

    Returns:
        `(text, triples)`, with every occurrence of an old entity replaced, also inside other
        entities. Unchanged if both old entities are the same string.

    Example:

    >>> swap_entities("甲写了乙", [("乙", "作者", "甲")], ("乙", "甲"), ("甲乙", "丙"))
    ('丙写了甲乙', (('甲乙', '作者', '丙'),))
    """
    names = dict(zip(old, new))
    if len(names) < 2 or not all(old):
        return text, tuple(map(tuple, triples))
    pattern = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))

    def swapped(string):
        return pattern.sub(lambda match: names[match.group()], string)

    return swapped(text), tuple((swapped(s), predicate, swapped(o)) for s, predicate, o in triples)
