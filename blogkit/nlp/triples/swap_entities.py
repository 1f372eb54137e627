"""A sentence with other names in it."""

import re


def swap_entities(text, triples, old, new):
    """Puts a subject and an object in the place of two others, in text and triples alike.

    Both are replaced in one pass, the longer one first where one is part of the other, so that
    no name put in is replaced again (kg-2019 replaces one after the other, which spoils the
    second where the first holds it).

    Args:
        text: A sentence.
        triples: Its `(subject, predicate, object)`.
        old, new: `(subject, object)`.

    Returns:
        `(text, triples)`. All triples that name or contain an old entity get the new one; where
        both old ones are the same string, nothing is changed.

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
