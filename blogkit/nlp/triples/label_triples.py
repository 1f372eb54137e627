"""Labels of a pointer network: the positions of triples in their text."""

from collections.abc import Iterable, Sequence

from blogkit.nlp.triples.repair_triples import check_triple


def label_triples(
    text: str | list, triples: Iterable[Sequence], offset: int = 0, max_length: int | None = None
) -> dict[tuple[int, int], list[tuple]]:
    """Positions of the first occurrence of subjects and objects.

    The result has one entry per subject in the text, with all of its objects, so that

        P(s, p, o) = P(s) P(o | s) P(p | s, o)

    can be learned as subjects of a text, then objects and predicates of a subject. Repeated
    entities are labelled once. A triple is dropped if its subject or object is empty or does
    not occur in the text.

    Args:
        text: A string, or a list of tokens if entities are lists of tokens too.
        triples: Triples `(subject, predicate, object)`.
        offset: Position of the first character, 1 after a `[CLS]`.
        max_length: Number of characters to search; None for all.

    Returns:
        `{(subject start, subject end): [(object start, object end, predicate), ...]}`. Ends
        are included: the span is `text[start - offset : end - offset + 1]`.

    Example:

    >>> label_triples("甲和乙都是丙写的", [("甲", "作者", "丙"), ("乙", "作者", "丙"), ("丁", "作者", "丙")])
    {(0, 0): [(5, 5, '作者')], (2, 2): [(5, 5, '作者')]}
    """
    text = text[:max_length]
    items = {}
    for triple in triples:
        subject, predicate, value = check_triple(triple) if isinstance(text, str) else triple
        spans = [first_occurrence(text, part) for part in (subject, value)]
        if None not in spans:
            subject_span, (start, end) = (tuple(place + offset for place in span) for span in spans)
            items.setdefault(subject_span, []).append((start, end, predicate))
    return items


def first_occurrence(sequence: str | list, part: str | list) -> tuple[int, int] | None:
    """`(start, end)` of the first `part` in a string or list, end included; None if it does not occur.

    Example:

    >>> first_occurrence("abcab", "ab"), first_occurrence([5, 6, 7, 6, 7], [6, 7]), first_occurrence("ab", "")
    ((0, 1), (1, 2), None)
    """
    if not len(part):
        return None
    if isinstance(sequence, str):
        start = sequence.find(part)
    else:
        starts = range(len(sequence) - len(part) + 1)
        start = next((s for s in starts if list(sequence[s : s + len(part)]) == list(part)), -1)
    return None if start < 0 else (start, start + len(part) - 1)
