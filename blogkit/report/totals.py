"""How many claims came out how, counted by kind: never one number for all."""

import collections
from collections.abc import Iterable

from blogkit.report.verdicts import NOT_TESTED, ON_A_STAND_IN, WORDS

_TITLES = {"article": "Article", "identity": "Identities", "finding": "Findings"}
_PLURALS = {"holds": "hold", "fails": "fail"}


def totals(claims: Iterable) -> str:
    """The verdicts of `claims` by kind, in one line; what does not occur is left out.

    Example:

    >>> from blogkit.report import Claim
    >>> fields = dict(sentence="s", dataset="digits", at_most=1)
    >>> totals([Claim(id="C1", kind="identity", value=0, **fields),
    ...         Claim(id="C2", kind="identity", value=1, **fields),
    ...         Claim(id="C3", kind="finding", value=3, null=2, **fields)])
    'Identities: 2 hold. Findings: 1 fails.'
    """
    counts = collections.Counter((claim.kind, claim.verdict) for claim in claims)
    sentences = []
    for kind, title in _TITLES.items():
        words = WORDS[kind] + (ON_A_STAND_IN if kind == "article" else ()) + (NOT_TESTED,)
        found = [_count(counts[kind, word], word) for word in words if counts[kind, word]]
        if found:
            sentences.append(f"{title}: {', '.join(found)}.")
    return " ".join(sentences) or "No claims."


def _count(count, word):
    if word == ON_A_STAND_IN[0]:
        word += " on a stand-in" if count == 1 else " on stand-ins"
    return f"{count} {_PLURALS.get(word, word) if count > 1 else word}"
