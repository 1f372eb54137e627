"""Closest text by edit distance: among candidates, or inside a sentence."""

import unicodedata

from blogkit.extras import import_extra


def closest_text(text: str, candidates: list[str] | set[str], prefer: tuple[str, ...] | set[str] = ()) -> str:
    """Candidate with the smallest edit distance to `text`.

    Distances are those without case and width (NFKC), then those as written: "IPHONE" is nearer to
    "iPhone" than to "XPHONE". Ties are resolved in favour of candidates in `prefer`, then in
    alphabetical order.

    Raises:
        ValueError: If there are no candidates.
        ModuleNotFoundError: Without rapidfuzz, of the extra `nlp`.

    Example:

    >>> (
    ...     closest_text("北京", ["东京都", "北京市", "上海市"]),
    ...     closest_text("京", ["东京", "北京"], prefer={"北京"}),
    ... )
    ('北京市', '北京')
    """
    levenshtein = import_extra("rapidfuzz.distance", needed_by="closest_text").Levenshtein
    folded, best, found = _folded(text), None, None
    for candidate in sorted(set(candidates), key=lambda candidate: (candidate not in prefer, candidate)):
        distance = levenshtein.distance(folded, _folded(candidate), score_cutoff=best and best[0])
        if best is not None and distance > best[0]:
            continue
        distances = distance, levenshtein.distance(text, candidate)
        if best is None or distances < best:
            best, found = distances, candidate
    if found is None:
        raise ValueError(
            f"`candidates` must contain at least one text to compare with {text!r}. Received: none."
        )
    return found


def _folded(text):
    return unicodedata.normalize("NFKC", text).casefold()


def closest_fragment(value: str, sentence: str) -> tuple[int, int]:
    """Substring of `sentence` with the smallest edit distance to `value`.

    All substrings of up to twice the length of `value` are compared. Ties are resolved in favour
    of the length closest to that of `value`, then the longer one, then the first. The original
    code compares words, pairs and triples of words from a segmenter; this needs no segmenter.

    Returns:
        `(start, end)` of the substring `sentence[start:end]`; `(0, 0)` if `value` or `sentence` is
        empty.

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
            continue  # the distance is at least the difference in length
        for start in range(len(sentence) - length + 1):
            distance = levenshtein.distance(value, sentence[start : start + length])
            if best is None or distance < best:
                best, found = distance, (start, start + length)
    return found


def _lengths(wanted, longest):
    """Lengths of substrings, in order of distance from the wanted length."""
    lengths = range(1, min(longest, 2 * wanted) + 1)
    return sorted(lengths, key=lambda length: (abs(length - wanted), -length))
