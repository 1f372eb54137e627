"""The text that is nearest to another by edit distance: among given ones, or inside a sentence."""

from blogkit.extras import import_extra


def closest_text(text, candidates, prefer=()):
    """The candidate with the least edit distance to `text`.

    Of equally near ones those in `prefer` go first, then the first in order of letters.

    Raises:
        ValueError: If there are no candidates.
        ModuleNotFoundError: Without rapidfuzz, of the extra `nlp`.

    >>> (
    ...     closest_text("北京", ["东京都", "北京市", "上海市"]),
    ...     closest_text("京", ["东京", "北京"], prefer={"北京"}),
    ... )
    ('北京市', '北京')
    """
    levenshtein = import_extra("rapidfuzz.distance", needed_by="closest_text").Levenshtein
    best, found = None, None
    for candidate in sorted(set(candidates), key=lambda candidate: (candidate not in prefer, candidate)):
        distance = levenshtein.distance(text, candidate, score_cutoff=best)
        if best is None or distance < best:
            best, found = distance, candidate
    if found is None:
        raise ValueError(f"`candidates` needs at least one text to be nearest to {text!r}. Received: none.")
    return found


def closest_fragment(value, sentence):
    """The piece of `sentence` with the least edit distance to `value`, at its first place.

    All pieces of up to twice the length of `value` compete. Of equally near ones the one whose
    length is nearest to that of `value` is taken, then the longer, then the first. The original
    had a segmenter's words, pairs and triples of words compete; here words need not be known.

    Returns:
        `(start, end)`: the piece is `sentence[start:end]`. `(0, 0)` if `value` or `sentence` is empty.

    Example:

    >>> sentence = "北京2017年4月卖地多少"
    >>> start, end = closest_fragment("2017年04月", sentence)
    >>> sentence[start:end]
    '2017年4月'
    """
    levenshtein = import_extra("rapidfuzz.distance", needed_by="closest_fragment").Levenshtein
    best, found = None, (0, 0)
    for length in _lengths(len(value), len(sentence)):
        if best is not None and abs(length - len(value)) >= best:
            continue  # the distance is at least the difference of lengths
        for start in range(len(sentence) - length + 1):
            distance = levenshtein.distance(value, sentence[start : start + length])
            if best is None or distance < best:
                best, found = distance, (start, start + length)
    return found


def _lengths(wanted, longest):
    """Lengths of pieces, the one nearest to the value's first."""
    lengths = range(1, min(longest, 2 * wanted) + 1)
    return sorted(lengths, key=lambda length: (abs(length - wanted), -length))
