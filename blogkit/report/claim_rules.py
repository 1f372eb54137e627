"""What makes a claim one that can fail; each rule raises `ValueError` with the remedy."""

import math
import re

from blogkit.checks import check_choice
from blogkit.report.verdicts import KINDS

NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)(\s*%)?")


def numbers_in(text: str) -> set[float]:
    """The numbers in the words of an article, of either sign; a percentage also as a fraction.

    >>> sorted(number for number in numbers_in("98 % and more of 1,000") if number > 0)
    [0.98, 98.0, 1000.0]
    """
    found = set()
    for digits, percent in NUMBER.findall(text):
        number = float(digits.replace(",", ""))
        found |= {number, -number}
        found |= {number / 100, -number / 100} if percent else set()
    return found


def check_kind(claim) -> None:
    """A claim has one of the known kinds, and one of the article's says what the article states."""
    check_choice("kind", claim.kind, KINDS)
    if claim.kind == "article" and not claim.article:
        raise ValueError(
            "`article` must be what the article states, for a claim of kind 'article'. "
            f"Received: article={claim.article!r} for {_named(claim)}."
        )


def check_outcome(claim) -> None:
    """A claim has exactly one of a value, values over seeds, and a reason why it was not tested."""
    given = [claim.value is not None, bool(claim.untested)]
    if claim.values == () or sum(given) != 1:
        raise ValueError(
            "Exactly one of `value`, `values` and `untested` must be given. Received: "
            f"value={claim.value}, values={claim.values}, untested={claim.untested!r} for {_named(claim)}."
        )
    if claim.seeds < 0 or (claim.seeds > 1 and claim.values is None and not isinstance(claim.value, bool)):
        raise ValueError(
            "`seeds` must be 0 (nothing is random) or 1 without `values`; give the value of each seed. "
            f"Received: seeds={claim.seeds} for {_named(claim)}."
        )


def check_bounds(claim) -> None:
    """The bounds can be missed, and those of an article's claim are the article's, or a sign."""
    low, high = claim.at_least, claim.at_most
    if (low is None or low is False) and (high is None or high is True):
        raise ValueError(
            "`at_least` or `at_most` must be a bound that can be missed. "
            f"Received: at_least={low}, at_most={high} for {_named(claim)}."
        )
    for name, bound in (("at_least", low), ("at_most", high)):
        if bound is None:
            continue
        if not math.isfinite(bound):
            raise ValueError(f"`{name}` must be finite. Received: {name}={bound} for {_named(claim)}.")
        if claim.kind == "article" and not _is_sign(bound, claim):
            _check_article_bound(name, bound, claim)


def check_null(claim) -> None:
    """The null is known, and lies outside the bounds: without the effect the claim fails."""
    if claim.value is None:  # nothing was measured, and the null may be unknown
        return
    if claim.null is None:
        if claim.kind != "identity":
            raise ValueError(
                "`null` must be the value that the same measurement gives without the effect, for a claim "
                f"of kind {claim.kind!r}. Received: null=None for {_named(claim)}."
            )
        return
    if math.isnan(claim.null):
        raise ValueError(f"`null` must be a number. Received: null={claim.null} for {_named(claim)}.")
    bounds = [bound for bound in (claim.at_least, claim.at_most) if bound is not None]
    is_the_bound = isinstance(claim.null, bool) and claim.null in bounds
    if claim.within(claim.null) or is_the_bound:
        raise ValueError(
            "`null` must lie outside the bounds, else the claim cannot fail. Received: "
            f"null={claim.null}, at_least={claim.at_least}, at_most={claim.at_most} for {_named(claim)}."
        )


def _is_sign(bound, claim):
    """Whether `bound` only tells more from less: of a difference, a ratio, a truth value, or the null."""
    is_ratio = bound == 1 and not claim.unit
    return isinstance(bound, bool) or bound == 0 or is_ratio or bound == claim.null


def _check_article_bound(name, bound, claim):
    if claim.stand_in and claim.value is not None:
        raise ValueError(
            f"`{name}` must be a sign (0, 1 for a ratio, a truth value, or the null) for an article's claim "
            f"on a stand-in. Received: {name}={bound} for {_named(claim)}."
        )
    if not any(math.isclose(bound, number, rel_tol=1e-12) for number in numbers_in(claim.article)):
        raise ValueError(
            f"`{name}` must be a number that stands in `article`, or a sign (0, 1 for a ratio, a truth "
            f"value, or the null). Received: {name}={bound}, article={claim.article!r} for {_named(claim)}."
        )


def _named(claim):
    return f"{claim.id}: {claim.sentence!r}"
