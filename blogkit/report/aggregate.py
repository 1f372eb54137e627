"""The claims of several runs of one notebook as one list, such as of the runs with several seeds."""

import dataclasses
import math
import re
from collections.abc import Sequence

from blogkit.report.claim import Claim

# What a claim states. Only what was measured may differ between runs.
SAME = ("kind", "dataset", "stand_in", "unit", "article", "rerun")
NUMBER = re.compile(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")


def aggregate(runs: Sequence[Sequence[Claim]]) -> list[Claim]:
    """One claim for each id in `runs`, decided over all runs that tested it.

    - A number becomes the mean over runs: its `values` are those of all runs, one after the other, or
      each run's `value` if a run has no `values`.
    - A truth value is the one that its bound asks for if every run gave that one, else the other.
    - The bounds are the narrowest of the runs, and the null is the one nearest to them. A bound that
      equals the null in every run equals it in the aggregate.
    - An identity is the claim of the run in which it fails or comes nearest to failing.
    - `differs` keeps the reasons of the runs in which the claim fails, and says in how many runs it
      fails, if not in all, is missing or was not tested. A claim that no run tested stays untested.

    Args:
        runs: The claims of each run.

    Returns:
        Claims in the order of their ids. Those of a single run are returned as they are.

    Raises:
        ValueError: If `runs` is empty, or if the claims of two runs under one id state different
            things or have bounds that exclude each other.

    Example:

    >>> runs = [[Claim(id="C1", kind="finding", sentence="loss", value=loss, at_most=1, null=2,
    ...                dataset="digits")] for loss in (0.4, 0.5, 0.6)]
    >>> claim, = aggregate(runs)
    >>> claim.here, claim.verdict
    ('0.5 (0.252 to 0.748, 3 seeds)', 'holds')
    """
    if not runs:
        raise ValueError(f"`runs` must hold the claims of at least one run. Received: runs={runs!r}.")
    by_id = {}
    for claims in runs:
        for claim in claims:
            by_id.setdefault(claim.id, []).append(claim)
    merged = [_merged(claims, len(runs)) for claims in by_id.values()]
    return sorted(merged, key=lambda claim: (len(claim.id), claim.id))


def _merged(claims, runs):
    """One claim from those under one id, of which some of the `runs` may have none."""
    for claim in claims[1:]:
        _check_same(claims[0], claim)
    tested = [claim for claim in claims if claim.value is not None]
    first = (tested or claims)[0]
    if runs == 1:
        return first
    notes = _notes(claims, tested, runs)
    if not tested:
        untested = _joined(claim.untested for claim in claims)
        return dataclasses.replace(first, untested=untested, differs=_joined(notes))
    if first.kind == "identity":
        first = min(tested, key=_distance_to_failing)
        changes = {} if first.values else {"seeds": 0}
    elif isinstance(first.value, bool):
        changes = {"sentence": _sentence(tested), **_truth_value(tested)}
    else:
        changes = {"sentence": _sentence(tested), **_number(tested)}
    reasons = [claim.differs for claim in tested if claim.passes is False]
    return dataclasses.replace(first, **changes, differs=_joined([*reasons, *notes]))


def _check_same(one, other):
    """Raise `ValueError` if two claims under one id do not state the same."""
    differing = [name for name in SAME if getattr(one, name) != getattr(other, name)]
    if NUMBER.sub("#", one.sentence) != NUMBER.sub("#", other.sentence):
        differing.append("sentence")
    for name in ("at_least", "at_most"):
        if (getattr(one, name) is None) != (getattr(other, name) is None):
            differing.append(name)
    tested = None not in (one.value, other.value)
    if tested and isinstance(one.value, bool) != isinstance(other.value, bool):
        differing.append("value")
    for name in differing:
        raise ValueError(
            f"`{name}` of claim {one.id} must be the same in every run. Received: "
            f"{getattr(one, name)!r} and {getattr(other, name)!r}."
        )


def _number(claims):
    """Values over all runs; a number that nothing random enters needs none."""
    if all(claim.seeds == 0 for claim in claims) and len({claim.value for claim in claims}) == 1:
        return _narrowest(claims)
    in_each = all(claim.values for claim in claims)
    values = [value for claim in claims for value in (claim.values if in_each else [claim.value])]
    return {"value": None, "values": values, "interval": None, "seeds": None, **_narrowest(claims)}


def _narrowest(claims):
    """The bounds that include no number which a run's bounds exclude, and the null nearest to them."""
    lows = [claim.at_least for claim in claims if claim.at_least is not None]
    highs = [claim.at_most for claim in claims if claim.at_most is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    if lows and highs and low > high:
        raise ValueError(
            f"The bounds of claim {claims[0].id} must have a number in common in all runs. "
            f"Received: at_least={lows}, at_most={highs}."
        )
    null = max((claim.null for claim in claims), key=lambda null: _room(null, low, high))
    return {"at_least": low, "at_most": high, "null": null}


def _truth_value(claims):
    asked = claims[0].at_most is None or claims[0].at_most >= 1
    agreed = all(claim.passes for claim in claims)
    return {"value": asked if agreed else not asked, "seeds": len(claims)}


def _room(value, low, high):
    """Distance from `value` to the nearer bound; negative outside the bounds."""
    above = math.inf if low is None else value - low
    below = math.inf if high is None else high - value
    return min(above, below)


def _distance_to_failing(claim):
    """Sorts identities. Relative to the bound, since rounding has another one in each run."""
    low, high = claim.at_least, claim.at_most
    ends = claim.interval or [claim.value]
    if any(map(math.isnan, ends)):
        return False, -math.inf
    size = max(abs(bound) for bound in (low, high) if bound is not None)
    return claim.passes, min(_room(end, low, high) for end in ends) / (size or 1)


def _notes(claims, tested, runs):
    """In how many runs a claim fails, is missing or was not tested, in words."""
    notes, failed = [], sum(claim.passes is False for claim in tested)
    if 0 < failed < len(tested):
        notes.append(f"fails in {failed} of {runs} runs")
    if len(claims) < runs:
        notes.append(f"missing in {runs - len(claims)} of {runs} runs")
    if tested and len(tested) < len(claims):
        reason = _joined(claim.untested for claim in claims if claim.value is None)
        notes.append(f"not tested in {len(claims) - len(tested)} of {runs} runs: {reason}")
    return notes


def _joined(texts):
    """The texts without repetitions, separated by semicolons; None without any."""
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


def _sentence(claims):
    """The sentence of all runs; a number that differs between them becomes a range."""
    words = NUMBER.split(claims[0].sentence)
    numbers = zip(*(NUMBER.findall(claim.sentence) for claim in claims))
    return "".join(word + number for word, number in zip(words, [*map(_range, numbers), ""]))


def _range(numbers):
    different = sorted(set(numbers), key=lambda text: float(text.replace(",", "").replace("−", "-")))
    return different[0] if len(different) == 1 else f"{different[0]} to {different[-1]}"
