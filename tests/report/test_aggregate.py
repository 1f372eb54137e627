"""Claims over several runs: what becomes of numbers, truth values, identities, bounds and remarks."""

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from blogkit.report import Claim
from blogkit.report.aggregate import aggregate


def finding(value=None, id="C1", **fields):
    fields = dict(sentence="accuracy", dataset="digits", at_least=0.5, null=0.5) | fields
    return Claim(id=id, kind="finding", value=value, **fields)


def identity(value, at_most=1e-5, **fields):
    return Claim(
        id="C1",
        kind="identity",
        sentence="rounding",
        dataset="digits",
        value=value,
        at_most=at_most,
        **fields,
    )


def over(*claims):
    """The aggregate of runs with one claim each."""
    (claim,) = aggregate([[claim] for claim in claims])
    return claim


def test_a_number_is_the_mean_with_the_t_interval_over_runs():
    values = [0.7, 0.8, 0.75, 0.9]
    claim = over(*map(finding, values))
    assert (claim.values, claim.seeds) == (tuple(values), 4)
    assert claim.value == pytest.approx(np.mean(values))
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    np.testing.assert_allclose(claim.interval, expected, rtol=1e-12)
    assert claim.passes and claim.differs is None


def test_what_each_run_alone_passes_fails_where_the_runs_disagree_too_much():
    runs = [finding(0.51), finding(0.99)]
    assert all(claim.passes for claim in runs)
    assert over(*runs).passes is False


def test_values_of_all_runs_are_joined_and_a_run_without_any_counts_once():
    one, two = finding(values=[0.7, 0.8]), finding(values=[0.6, 0.9])
    assert over(one, two).values == (0.7, 0.8, 0.6, 0.9)
    assert over(one, finding(0.6)).values == (0.75, 0.6)


def test_bounds_and_null_are_the_strictest_and_a_bound_that_equals_the_null_still_does():
    low = over(finding(0.9, at_least=0.5, null=0.5), finding(0.8, at_least=0.6, null=0.6))
    assert (low.at_least, low.null) == (0.6, 0.6)
    assert not low.within(0.6)  # strict
    high = over(
        finding(0.1, at_least=None, at_most=0.5, null=0.5), finding(0.2, at_least=None, at_most=0.4, null=0.4)
    )
    assert (high.at_most, high.null) == (0.4, 0.4)
    apart = over(finding(0.9, null=0.1), finding(0.8, null=0.3))
    assert (apart.at_least, apart.null) == (0.5, 0.3)
    both = over(finding(3.5, at_least=3, at_most=5, null=0), finding(4, at_least=3.2, at_most=4.5, null=2))
    assert (both.at_least, both.at_most, both.null) == (3.2, 4.5, 2)


def test_bounds_that_exclude_each_other_are_an_error():
    with pytest.raises(ValueError, match=r"in common.*at_least=\[1.0, 3.0\], at_most=\[2.0, 4.0\]"):
        over(finding(1, at_least=1, at_most=2, null=0), finding(3, at_least=3, at_most=4, null=0))


@pytest.mark.parametrize(
    "bound", [dict(at_least=True, null=False), dict(at_least=None, at_most=False, null=True)]
)
def test_a_truth_value_needs_every_run(bound):
    asked = bound.get("at_least") is True
    agree = over(*[finding(asked, **bound)] * 3)
    assert (agree.value, agree.seeds, agree.passes) == (asked, 3, True)
    disagree = over(
        finding(asked, **bound), finding(not asked, differs="too short", **bound), finding(asked, **bound)
    )
    assert (disagree.value, disagree.seeds, disagree.passes) == (not asked, 3, False)
    assert disagree.differs == "too short; fails in 1 of 3 runs"


def test_an_identity_is_its_worst_run_whole():
    """Rounding bounds differ between runs: a value is worst relative to its own."""
    assert over(identity(1e-6), identity(9e-6), identity(2e-6)).value == 9e-6
    worst = over(identity(2e-7, at_most=1e-6), identity(9e-6, at_most=1e-5))
    assert (worst.value, worst.at_most, worst.seeds, worst.passes) == (9e-6, 1e-5, 0, True)
    assert over(identity(1e-6), identity(2e-5), identity(3e-6)).passes is False
    assert math.isnan(over(identity(1.0), identity(math.nan), identity(2.0)).value)
    assert over(identity(1e-6, seeds=1), identity(2e-6, seeds=1)).seeds == 0


def test_an_identity_of_truth_values_holds_in_every_run_or_fails():
    yes, no = (
        Claim(id="C1", kind="identity", sentence="equal", dataset="d", value=value, at_least=True)
        for value in (True, False)
    )
    assert over(yes, yes).passes is True
    assert over(yes, no, yes).passes is False


def test_what_nothing_random_enters_keeps_no_seeds():
    exact = finding(0.9, seeds=0)
    assert over(exact, exact) == exact
    assert over(exact, finding(0.8, seeds=0)).values == (0.9, 0.8)


def test_untested_everywhere_stays_untested_and_untested_somewhere_is_said():
    few, small = finding(untested="too few rows"), finding(untested="too small")
    assert over(few, few).untested == "too few rows"
    assert over(few, small).untested == "too few rows; too small"
    partly = over(few, finding(0.8), finding(0.9))
    assert (partly.values, partly.untested) == ((0.8, 0.9), None)
    assert partly.differs == "not tested in 1 of 3 runs: too few rows"


def test_a_claim_that_some_runs_lack_is_said():
    first, second = finding(0.8), finding(0.9, id="C2")
    claims = aggregate([[second], [first, second]])
    assert [claim.id for claim in claims] == ["C1", "C2"]
    assert (claims[0].values, claims[0].differs) == ((0.8,), "missing in 1 of 2 runs")
    assert claims[1].values == (0.9, 0.9) and claims[1].differs is None


def test_ids_are_in_numeric_order():
    claims = [finding(0.8, id=f"C{n}") for n in (10, 2, 1)]
    assert [claim.id for claim in aggregate([claims, claims])] == ["C1", "C2", "C10"]


def test_reasons_of_failing_runs_are_kept_once():
    bad = finding(0.3, differs="trained too short")
    claim = over(bad, finding(0.9, differs="would be said if it failed"), bad)
    assert claim.differs == "trained too short; fails in 2 of 3 runs"
    assert over(bad, bad).differs == "trained too short"


def test_a_number_in_the_sentence_that_differs_becomes_a_range():
    sentences = [
        "1,000 steps: loss from 3.5 to -1e-3",
        "1,000 steps: loss from 12 to -2",
        "1,000 steps: loss from 4 to 5",
    ]
    claim = over(*(finding(0.8, sentence=sentence) for sentence in sentences))
    assert claim.sentence == "1,000 steps: loss from 3.5 to 12 to -2 to 5"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(dataset="faces"), "`dataset` of claim C1.*'digits' and 'faces'"),
        (dict(unit="%"), "`unit`.*'' and '%'"),
        (dict(stand_in=True), "`stand_in`.*False and True"),
        (dict(sentence="precision"), "`sentence`.*'accuracy' and 'precision'"),
        (dict(sentence="accuracy 2"), "`sentence`"),
        (dict(at_most=1.0), "`at_most`.*None and 1.0"),
        (dict(kind="identity"), "`kind`.*'finding' and 'identity'"),
        (dict(value=True, at_least=True, null=False), "`value`.*0.8 and True"),
    ],
)
def test_runs_must_state_the_same(change, words):
    with pytest.raises(ValueError, match=words):
        over(finding(0.8), dataclasses.replace(finding(0.8), **change))


def test_a_single_run_is_returned_as_it_is():
    claims = [finding(0.8, interval=(0.7, 0.9), differs="x"), finding(untested="no data", id="C2")]
    assert aggregate([claims]) == claims


def test_no_run_is_an_error():
    with pytest.raises(ValueError, match="`runs` must hold"):
        aggregate([])


def test_aggregates_survive_json():
    claims = aggregate([[finding(0.8), finding(untested="x", id="C2")], [finding(0.9)]])
    assert [Claim.from_dict(claim.to_dict()) for claim in claims] == claims
