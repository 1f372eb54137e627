"""One claim on both sides: difference, tolerance and outcome."""

import dataclasses
import math

from blogkit.report import Claim
from blogkit.runner.compare.causes import Cause

PRINT = 1e-6  # relative: what printing and reading a value may change
OUTCOMES = ("equal", "within", "explained", "unexplained", "broken")
FAULTS = ("unexplained", "broken")


@dataclasses.dataclass(frozen=True)
class Row:
    """A claim of A, of B, or of both.

    Args:
        a: The claim of A, or None.
        b: The claim of B, or None.
        outcome: One of `OUTCOMES`.
        difference: Value of B minus value of A; None unless both are numbers.
        tolerance: The largest difference that agrees; None where bounds or equality decide.
        within: Whether the values agree; None where one side has no value.
        causes: What explains the difference, or is suspected of it, in a few words each.
        note: The rule that decided, in words, where the outcome is not "equal".
    """

    a: Claim | None
    b: Claim | None
    outcome: str
    difference: float | None = None
    tolerance: float | None = None
    within: bool | None = None
    causes: tuple[str, ...] = ()
    note: str = ""

    @property
    def claim(self) -> Claim:
        """The claim of A, else of B."""
        return self.a or self.b

    @property
    def same_verdict(self) -> bool:
        return bool(self.a and self.b) and self.a.verdict == self.b.verdict


def match(a: tuple[Claim, ...], b: tuple[Claim, ...]) -> list[tuple[Claim | None, Claim | None]]:
    """Pairs of the same claim: equal id and sentence, else equal sentence, else equal id and kind.

    A claim without partner stands alone. The order is that of A, then what only B has.
    """
    partner, free = {}, list(b)
    for same in (
        lambda one, other: (one.id, one.sentence) == (other.id, other.sentence),
        lambda one, other: (one.kind, one.sentence) == (other.kind, other.sentence),
        lambda one, other: (one.id, one.kind) == (other.id, other.kind),
    ):
        for index, claim in enumerate(a):
            found = next((other for other in free if same(claim, other)), None)
            if index not in partner and found is not None:
                partner[index] = found
                free.remove(found)
    return [(claim, partner.get(index)) for index, claim in enumerate(a)] + [(None, c) for c in free]


def judge(a: Claim | None, b: Claim | None, causes: list[Cause]) -> Row:
    """The comparison of one claim; the rule is the docstring of `blogkit.runner.compare`.

    Example:

    >>> fields = dict(id="C1", kind="finding", sentence="loss", null=2, at_most=1.5, dataset="digits")
    >>> a, b = Claim(value=1.2, **fields), Claim(value=1.3, **fields)
    >>> judge(a, b, causes=[]).outcome
    'unexplained'
    >>> judge(a, b, causes=[Cause("seed", "seed", "0", "1")]).outcome
    'explained'
    """
    if a is None or b is None:
        note = f"only {'B' if a is None else 'A'} has this claim"
        return _explained(a, b, _named(causes, a or b), note=note)
    same = a.verdict == b.verdict
    difference, tolerance, within, rule = _agreement(a, b)
    found = dict(difference=difference, tolerance=tolerance, within=within)
    if a.kind == "identity" and {a.passes, b.passes} == {True, False}:
        suspects = tuple(_suspects(causes))
        note = "an identity holds on one side alone: seed, device and backend do not excuse it"
        return Row(a, b, "broken", **found, causes=suspects, note=note)
    if same and (within or _equal(a.value, b.value)):
        exact = _equal(a.value, b.value) and _equal_ends(a.interval, b.interval)
        return Row(a, b, "equal" if exact else "within", **found, note="" if exact else rule)
    note = rule if same else f"the verdicts differ; {rule}" if rule else "the verdicts differ"
    explaining = _named(causes, a, verdicts_differ=not same)
    if not explaining and a.seeds == b.seeds == 0 and any(c.group == "seed" for c in causes):
        note += "; nothing in it is random, so the seed is no cause"
    if (a.dataset, a.stand_in) != (b.dataset, b.stand_in):
        explaining += ("data set of the claim",)
    return _explained(a, b, explaining, note=note, **found)


def _explained(a, b, causes, **found):
    return Row(a, b, "explained" if causes else "unexplained", causes=causes, **found)


def _suspects(causes):
    """What of the code differs, or may differ."""
    for cause in causes:
        if cause.group == "commit":
            yield cause.label
        elif cause.group == "unknown" and cause.name == "commit":
            yield f"commit {cause.note}"


def _named(causes, claim, verdicts_differ=False):
    """What can explain a difference of `claim`, in words."""
    known = [
        cause.label
        for cause in causes
        if cause.explains and cause.group != "unknown" and not (cause.group == "seed" and claim.seeds == 0)
    ]
    unknown = [cause.name for cause in causes if cause.group == "unknown" and not verdicts_differ]
    return (*known, f"{', '.join(unknown)} not recorded") if unknown else tuple(known)


def _agreement(a, b):
    """(difference, tolerance, whether the values agree, the rule in words)."""
    if a.value is None or b.value is None:
        return None, None, None, "not tested on one side" if a.value is not b.value else ""
    numbers = not isinstance(a.value, bool) and not isinstance(b.value, bool)
    difference = b.value - a.value if numbers else None
    if a.kind == "identity":
        place = "within" if a.passes else "outside"
        return difference, None, a.passes == b.passes, f"both {place} the bounds"
    if numbers and (a.interval or b.interval):
        tolerance = _facing(a, b)
        within = abs(difference) <= tolerance
        return difference, tolerance, within, f"the intervals {'overlap' if within else 'do not overlap'}"
    return difference, None, _equal(a.value, b.value), "single values differ"


def _facing(a, b):
    """Sum of the two half-widths that face each other."""
    low, high = (a, b) if a.value <= b.value else (b, a)
    (_, top), (bottom, _) = low.interval or (low.value,) * 2, high.interval or (high.value,) * 2
    return (top - low.value) + (high.value - bottom)


def _equal(one, other):
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return math.isclose(one, other, rel_tol=PRINT) or (math.isnan(one) and math.isnan(other))


def _equal_ends(one, other):
    if not one or not other:
        return bool(one) == bool(other)
    return all(_equal(*ends) for ends in zip(one, other))
