"""The words of verdicts, by kind of claim, and how a table marks them."""

KINDS = ("identity", "article", "finding")
NOT_TESTED = "not tested here"
# Kind -> the words for a claim that holds and for one that does not.
WORDS = {
    "identity": ("holds", "fails"),
    "article": ("reproduced", "not reproduced"),
    "finding": ("holds", "fails"),
}
ON_A_STAND_IN = ("same direction", "other direction")  # of an article's claim
GOOD = ("holds", "reproduced", "same direction")
BAD = ("fails", "not reproduced", "other direction")
VERDICTS = (*GOOD, *BAD, NOT_TESTED)

MARKS = (
    {word: f"✔ {word}" for word in GOOD}
    | {word: f"✘ {word}" for word in BAD}
    | {NOT_TESTED: f"– {NOT_TESTED}"}
)
_GREEN, _BLUE = ("#0b5129", "#d9f2e1"), ("#0b3f6b", "#dcecfa")
_RED, _YELLOW = ("#8a1518", "#fbe0df"), ("#574400", "#faeec4")
# Text and ground of a verdict. The ground is set because no colour is readable on white and on black.
COLOURS = (
    dict.fromkeys(GOOD, _GREEN) | dict.fromkeys(BAD, _RED) | {"same direction": _BLUE, NOT_TESTED: _YELLOW}
)


def verdict_word(kind: str, passes: bool | None, stand_in: bool) -> str:
    """The verdict of a claim of `kind` that holds, does not, or (None) was not tested.

    >>> verdict_word("article", True, stand_in=True), verdict_word("finding", False, stand_in=True)
    ('same direction', 'fails')
    """
    if passes is None:
        return NOT_TESTED
    words = ON_A_STAND_IN if kind == "article" and stand_in else WORDS[kind]
    return words[0] if passes else words[1]
