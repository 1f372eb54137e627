"""Outcomes, causes and exit codes of comparisons of synthetic result files."""

import pytest
from two_runs import ENVIRONMENT, NAME, SINGLE, SPREAD, claim, on_jax, replaced, result, write
from two_runs import claims as all_claims

from blogkit.runner.compare.comparison import compare


@pytest.fixture
def compared(clone, tmp_path):
    """Function from two result files' contents to their comparison."""
    clone.add(NAME)

    def call(a, b):
        return compare(write(tmp_path / "a", a), write(tmp_path / "b", b), clone.project)

    return call


def with_loss(value):
    """The claims with another value of the single-seed claim C3, whose bound is 1.5."""
    return replaced(all_claims(), **SINGLE | {"value": value})


def with_trees(**fields):
    """The claims with other values of C2, whose interval over seeds is 0.52 +- 0.0497."""
    return replaced(all_claims(), **{k: v for k, v in SPREAD.items() if k != "values"} | fields)


def outcomes(comparison):
    return {row.claim.id: row.outcome for row in comparison.rows}


def row(comparison, id):
    return next(row for row in comparison.rows if row.claim.id == id)


def test_the_same_run_twice_is_equal(compared):
    found = compared(result(), result(started="2026-01-03T03:04:05+00:00", seconds=80.0))
    assert outcomes(found) == dict.fromkeys(["C1", "C2", "C3", "C4"], "equal")
    assert (found.exit_code, found.pairs[0].causes) == (0, ())
    assert found.summary == (
        "4 claims: 4 equal; the verdict is the same in 4. No difference is without a cause."
    )


def test_print_rounding_is_no_difference_but_more_is(compared):
    for value, outcome, code in ((1.25 * (1 + 9e-7), "equal", 0), (1.25 * (1 + 2e-6), "unexplained", 1)):
        other = with_loss(value)
        found = compared(result(), result(claims=other))
        assert (row(found, "C3").outcome, found.exit_code) == (outcome, code)


def test_a_single_value_that_differs_on_another_backend_has_its_cause(compared):
    other = with_loss(1.31)
    found = compared(result(), on_jax(claims=other))
    assert (row(found, "C3").outcome, found.exit_code) == ("explained", 0)
    assert row(found, "C3").causes == ("backend",)
    assert row(found, "C3").difference == pytest.approx(0.06)
    assert row(found, "C3").tolerance is None
    # the packages of a backend that one side does not have belong to the backend
    assert [cause.label for cause in found.pairs[0].causes if cause.explains] == ["backend"]


def test_a_verdict_that_differs_with_another_seed_has_its_cause(compared):
    other = with_loss(1.6)
    found = compared(result(), result(claims=other, parameters={"seed": 1}, fingerprint="e" * 64))
    assert row(found, "C3").outcome == "explained" and row(found, "C3").causes == ("seed",)
    assert not row(found, "C3").same_verdict and found.exit_code == 0


def test_a_verdict_that_differs_without_cause_is_a_fault(compared):
    other = with_loss(1.6)
    found = compared(result(), result(claims=other))
    assert (row(found, "C3").outcome, found.exit_code) == ("unexplained", 1)


@pytest.mark.parametrize(
    ("values", "within"),
    [
        ([0.505, 0.525, 0.545], True),
        ([0.60, 0.62, 0.64], False),  # 0.1 apart, half-widths of 0.0497 each
        ([0.599, 0.619, 0.639], True),  # 0.099 apart
    ],
)
def test_over_seeds_the_intervals_decide(compared, values, within):
    other = with_trees(values=values)
    found = compared(result(), result(claims=other))
    assert row(found, "C2").within is within
    assert row(found, "C2").tolerance == pytest.approx(2 * 4.3027 * 0.02 / 3**0.5, rel=1e-3)
    assert (row(found, "C2").outcome, found.exit_code) == (("within", 0) if within else ("unexplained", 1))


@pytest.mark.parametrize(("value", "outcome"), [(0.56, "within"), (0.48, "within"), (0.58, "unexplained")])
def test_one_seed_against_an_interval(compared, value, outcome):
    other = with_trees(value=value, seeds=1)
    found = compared(result(), result(claims=other))
    assert row(found, "C2").outcome == outcome


BROKEN = claim(id="C1", kind="identity", sentence="cumax climbs to one", value=3e-3, at_most=1e-5, seeds=0)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"environment": {"commit": "ba9876543210"}, "fingerprint": "e" * 64},
        {"environment": {"backend": "jax", "device": "a gpu"}, "parameters": {"seed": 1}},
        {"data": [], "environment": {"versions": {"keras": "3.14"}}},
    ],
    ids=["nothing", "commit", "backend, device and seed", "versions"],
)
def test_nothing_excuses_an_identity(compared, changes):
    found = compared(result(), result(claims=[BROKEN, *all_claims()[1:]], **changes))
    assert (row(found, "C1").outcome, found.exit_code) == ("broken", 1)
    assert row(found, "C1").causes == (("commit",) if "commit" in str(changes) else ())


def test_uncommitted_changes_are_the_suspect_of_a_planted_bug(compared):
    dirty = {"environment": {"commit": "0123456789ab-dirty"}}
    a = result(**dirty)
    found = compared(a, result(claims=[BROKEN, *all_claims()[1:]], fingerprint="e" * 64, **dirty))
    assert row(found, "C1").causes == ("uncommitted changes",)
    assert found.exit_code == 1
    assert outcomes(found)["C3"] == "equal"


def test_identities_may_differ_within_their_bounds(compared):
    other = replaced(
        all_claims(),
        id="C1",
        kind="identity",
        sentence="cumax climbs to one",
        value=9e-6,
        at_most=1e-5,
        seeds=0,
    )
    found = compared(result(), result(claims=other))
    assert (row(found, "C1").outcome, found.exit_code) == ("within", 0)
    assert row(found, "C1").difference == pytest.approx(8.8e-6)


def test_an_identity_that_fails_on_both_sides_is_no_difference(compared):
    fails = [BROKEN, *all_claims()[1:]]
    worse = claim(id="C1", kind="identity", sentence="cumax climbs to one", value=4e-3, at_most=1e-5, seeds=0)
    found = compared(result(claims=fails), result(claims=[worse, *all_claims()[1:]]))
    assert (row(found, "C1").outcome, found.exit_code) == ("within", 0)
    assert "outside" in row(found, "C1").note


def test_the_seed_explains_nothing_where_nothing_is_random(compared):
    exact = dict(id="C3", kind="finding", sentence="a sum", null=5, at_most=4.5, seeds=0)
    a, b = (replaced(all_claims(), value=value, **exact) for value in (4.0, 4.1))
    found = compared(result(claims=a), result(claims=b, parameters={"seed": 1}))
    assert (row(found, "C3").outcome, found.exit_code) == ("unexplained", 1)
    assert "seed is no cause" in row(found, "C3").note
    assert compared(result(claims=a), on_jax(claims=b)).exit_code == 0


def test_a_claim_on_one_side_is_listed_and_needs_a_cause_too(compared):
    found = compared(result(), result(claims=all_claims()[:3]))
    assert (row(found, "C4").outcome, found.exit_code) == ("unexplained", 1)
    assert row(found, "C4").note == "only A has this claim"
    newer = {"environment": {"commit": "ba9876543210"}, "fingerprint": "e" * 64}
    found = compared(result(claims=all_claims()[:3]), result(**newer))
    assert (row(found, "C4").outcome, found.exit_code) == ("explained", 0)
    assert row(found, "C4").note == "only B has this claim"


def test_claims_are_matched_by_sentence_where_a_notebook_was_renumbered(compared):
    fields = all_claims()
    moved = [fields[0] | {"id": "C2"}, fields[1] | {"id": "C1"}, *fields[2:]]
    found = compared(result(), result(claims=moved))
    assert set(outcomes(found).values()) == {"equal"}
    assert [(r.a.id, r.b.id) for r in found.rows[:2]] == [("C1", "C2"), ("C2", "C1")]


def test_a_sentence_with_another_number_is_still_the_same_claim(compared):
    fields = all_claims()
    other = [*fields[:2], fields[2] | {"sentence": "loss falls to 1.25"}, fields[3]]
    assert outcomes(compared(result(), result(claims=other)))["C3"] == "equal"
    flipped = [
        *fields[:2],
        claim(id="C3", kind="article", sentence="loss is 1.6", value=1.6, null=1.5, article="1.2"),
        fields[3],
    ]
    assert compared(result(), result(claims=flipped)).exit_code == 1  # and no excuse


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({"parameters": {"rate": 0.2, "seed": 1}}, ["seed", "parameter rate"]),
        ({"parameters": {"checkpoint": ""}}, []),  # which the other side does not record
        ({"environment": {"device": "a gpu"}}, ["device"]),
        ({"environment": {"python": "3.13.0"}}, ["version of python"]),
        ({"environment": {"versions": ENVIRONMENT["versions"] | {"numpy": "2.5.0"}}}, ["version of numpy"]),
        ({"environment": {"versions": ENVIRONMENT["versions"] | {"matplotlib": "4"}}}, []),
        ({"environment": {"versions": ENVIRONMENT["versions"] | {"torch": "2.9"}}}, []),
        ({"environment": {"commit": "ba9876543210"}}, []),  # equal fingerprints: the same sources
        ({"environment": {"commit": "ba9876543210"}, "fingerprint": None}, ["commit"]),
        ({"environment": {"commit": "0123456789ab-dirty"}, "fingerprint": "e" * 64}, ["commit"]),
        (
            {"data": [{"name": "sentences", "parts": {"train": {"rows": 3000, "sha256": "cd" * 32}}}]},
            ["data sentences, train, rows", "data sentences, train, sha256"],
        ),
    ],
    ids=str,
)
def test_what_can_explain_a_difference(compared, changes, labels):
    other = with_loss(1.31)
    found = compared(result(), result(claims=other, **changes))
    assert list(row(found, "C3").causes) == labels
    assert found.exit_code == (0 if labels else 1)


def test_what_is_not_recorded_may_explain_a_value_but_no_verdict(compared):
    unknown = result()
    del unknown["environment"], unknown["fingerprint"]
    for value, code in ((1.31, 0), (1.6, 1)):
        other = with_loss(value)
        found = compared(unknown, result(claims=other))
        assert found.exit_code == code
        missing = "backend, device, system, commit, versions not recorded"
        assert row(found, "C3").causes == (() if code else (missing,))


def test_another_data_set_of_the_claim_is_a_cause(compared):
    real = claim(
        id="C3",
        kind="article",
        sentence="loss falls",
        value=1.1,
        null=1.5,
        article="1.5",
        dataset="PTB",
        stand_in=False,
    )
    found = compared(result(claims=[*all_claims()[:2], real]), result(claims=all_claims()[:3]))
    assert row(found, "C3").a.verdict != row(found, "C3").b.verdict
    assert (row(found, "C3").causes, found.exit_code) == (("data set of the claim",), 0)


@pytest.mark.parametrize(("one", "other", "code"), [("nan", "nan", 0), ("nan", 1.25, 1), (True, False, 1)])
def test_values_that_are_no_numbers(compared, one, other, code):
    bounds = dict(at_least=True, at_most=None, null=False) if isinstance(one, bool) else {}
    a, b = (
        replaced(
            all_claims(), **dict(id="C3", kind="finding", sentence="loss", value=value, null=1.5) | bounds
        )
        for value in (one, other)
    )
    found = compared(result(claims=a), result(claims=b))
    assert found.exit_code == code
    assert found.to_dict()["notebooks"][0]["claims"][2]["tolerance"] is None
