import dataclasses
import json
import math

import numpy as np
import pytest

from blogkit.report import Claim

BASE = dict(id="C1", kind="identity", sentence="s", dataset="digits")
FINDING = BASE | dict(kind="finding")
ARTICLE = BASE | dict(kind="article", article="98 % and more", unit="%")
NAMES = (
    "id kind sentence verdict value null at_least at_most interval seeds values article rerun dataset "
    "stand_in differs untested unit"
).split()


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (1.0, 1.0, None, "holds"),
        (1.0, None, 1.0, "holds"),
        (1.0, 1.0, 1.0, "holds"),  # bounds belong to it
        (np.nextafter(1.0, 0), 1.0, None, "fails"),
        (np.nextafter(1.0, 2), None, 1.0, "fails"),
        (0.5, 0.0, 1.0, "holds"),
        (-0.5, 0.0, 1.0, "fails"),
        (1.5, 0.0, 1.0, "fails"),
        (0, 0, None, "holds"),
        (0, None, 0, "holds"),
        (math.nan, 0, None, "fails"),
        (math.nan, None, 0, "fails"),
        (math.nan, -1e300, 1e300, "fails"),
        (math.inf, 0, None, "holds"),
        (math.inf, None, 1e300, "fails"),
        (-math.inf, None, 0, "holds"),
        (True, True, None, "holds"),
        (False, True, None, "fails"),
        (False, None, False, "holds"),
        (True, None, False, "fails"),
        (np.True_, True, None, "holds"),
        (0.5, 2, 1, "fails"),  # an empty range
    ],
)
def test_verdict(value, low, high, verdict):
    claim = Claim(**BASE, value=value, at_least=low, at_most=high)
    assert claim.verdict == verdict
    explained = dataclasses.replace(claim, differs="why")
    assert explained.verdict == verdict  # a reason does not change it
    assert explained.remark == ("why" if verdict == "fails" else "")


@pytest.mark.parametrize(
    ("kind", "stand_in", "words"),
    [
        ("identity", False, ["holds", "fails"]),
        ("finding", True, ["holds", "fails"]),
        ("article", False, ["reproduced", "not reproduced"]),
        ("article", True, ["same direction", "other direction"]),
    ],
)
def test_the_words_follow_from_kind_and_data(kind, stand_in, words):
    fields = BASE | dict(kind=kind, article="better", null=0, at_least=0, stand_in=stand_in)
    assert [Claim(**fields, value=value).verdict for value in (0.1, 0)] == words
    assert Claim(**fields, untested="why").verdict == "not tested here"


def test_a_bound_that_equals_the_null_is_strict():
    for side, better in (("at_least", 1), ("at_most", -1)):
        fields = FINDING | {"null": 0.25, side: 0.25}
        assert Claim(**fields, value=0.25).verdict == "fails"  # no better than without the effect
        assert Claim(**fields, value=0.25 + better * 1e-9).verdict == "holds"
        assert Claim(**BASE, value=0.25, **{side: 0.25}).verdict == "holds"  # no null, inclusive


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        (dict(at_least=0.9), "holds"),
        (dict(at_least=1.1), "fails"),  # the mean, 1.2, would pass: the lower end does not
        (dict(at_most=1.5), "holds"),
        (dict(at_most=1.3), "fails"),  # likewise the upper end
        (dict(at_least=0.9, at_most=1.3), "fails"),
    ],
)
def test_the_end_of_the_interval_that_could_refute_decides(bounds, verdict):
    # Mean 1.2, s = 0.1, t(2) = 4.3027: 1.2 +- 0.2484.
    claim = Claim(**FINDING, values=[1.1, 1.2, 1.3], null=9 if "at_most" in bounds else 0, **bounds)
    assert claim.verdict == verdict
    np.testing.assert_allclose([claim.value, *claim.interval], [1.2, 0.95159, 1.44841], atol=1e-5)
    assert (claim.seeds, claim.one_seed) == (3, "")


def test_one_value_is_one_seed_in_words():
    fields = dict(null=0, at_least=0)
    assert Claim(**FINDING, **fields, value=1).one_seed == "one seed"
    alone = Claim(**FINDING, **fields, values=[1])
    assert (alone.one_seed, alone.interval, alone.value) == ("one seed", None, 1)
    assert Claim(**FINDING, **fields, value=1, seeds=0).one_seed == ""  # nothing random
    assert Claim(**BASE, value=1, at_least=1).one_seed == ""
    assert Claim(**FINDING, **fields, untested="why").one_seed == ""


def test_an_interval_of_a_single_run_decides_too():
    fields = FINDING | dict(null=0, at_least=0, value=1)
    assert Claim(**fields, interval=(-0.1, 2)).verdict == "fails"
    assert Claim(**fields, interval=(0.1, 2)).here == "1 (0.1 to 2)"


def test_what_is_not_tested_says_why():
    claim = Claim(**BASE, at_least=1, untested="needs a GPU", differs="no")
    assert (claim.verdict, claim.here, claim.remark) == ("not tested here", "–", "needs a GPU")


@pytest.mark.parametrize(
    ("fields", "here"),
    [
        (dict(value=97.96, unit="%"), "98 %"),
        (dict(value=1.23456e-7), "1.23 × 10⁻⁷"),
        (dict(values=[0.4, 0.5, 0.6], unit="nats"), "0.5 nats (0.252 to 0.748, 3 seeds)"),
        (dict(value=True), "yes"),
        (dict(value=False), "no"),
        (dict(value=math.nan), "NaN"),
        (dict(value=math.inf), "∞"),
    ],
)
def test_value_as_a_reader_sees_it(fields, here):
    assert Claim(**BASE, at_least=0, **fields).here == here


def test_a_stand_in_says_so():
    assert Claim(**BASE, value=1, at_least=0).data == "digits"
    assert Claim(**BASE, value=1, at_least=0, stand_in=True).data == "digits (stand-in)"


def test_a_measurement_by_others_stands_beside_the_article():
    claim = Claim(**ARTICLE, value=99, null=97, at_least=98, rerun="97.9 (a paper)")
    assert claim.printed == "98 % and more; run again by others: 97.9 (a paper)"
    assert Claim(**BASE, value=1, at_least=0).printed == "–"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (BASE | dict(value=1), "bound that can be missed.*C1: 's'"),
        (BASE | dict(value=True, at_least=False), "bound that can be missed.*at_least=False"),
        (BASE | dict(value=True, at_most=True), "bound that can be missed.*at_most=True"),
        (BASE | dict(value=1, at_least=-math.inf), "`at_least` must be finite.*at_least=-inf for C1"),
        (BASE | dict(value=1, at_most=math.nan), "`at_most` must be finite.*at_most=nan for C1"),
        (BASE | dict(at_least=1), "value=None, values=None, untested=None for C1"),
        (BASE | dict(at_least=1, untested=""), "untested=''"),
        (BASE | dict(value=1, at_least=1, untested="no GPU"), "value=1.0.*untested='no GPU'"),
        (BASE | dict(values=[], at_least=1), r"values=\(\)"),
        (BASE | dict(value=1, at_least=1, seeds=3), "give the value of each seed. Received: seeds=3"),
        (BASE | dict(value=1, at_least=1, seeds=-1), "seeds=-1"),
        (BASE | dict(value=1, at_least=1, kind="fact"), "`kind` must be .*kind='fact'"),
        # A claim that its null passes cannot fail.
        (FINDING | dict(value=3, at_least=0), "`null` must be the value that .*null=None for C1"),
        (
            FINDING | dict(value=3, at_least=0, null=1),
            "outside the bounds, else the claim cannot fail.*null=1",
        ),
        (FINDING | dict(value=3, at_most=5, null=4), "outside the bounds.*at_most=5"),
        (FINDING | dict(value=3, at_least=0, null=math.nan), "`null` must be a number.*nan"),
        (FINDING | dict(value=True, at_least=True, null=True), "outside the bounds"),
        # An article's claim is bound by the article.
        (ARTICLE | dict(value=95, at_least=90, null=80), "a number that stands in `article`.*at_least=90"),
        (ARTICLE | dict(value=95, at_least=1, null=0), "or a sign.*at_least=1"),  # in %, 1 is no ratio
        (ARTICLE | dict(value=99, at_least=98, null=80, stand_in=True), "a sign .* on a stand-in.*98"),
        (ARTICLE | dict(value=95, at_least=0, null=-1, article=None), "what the article states.*None"),
    ],
)
def test_a_claim_that_cannot_be_decided_is_refused(fields, words):
    with pytest.raises(ValueError, match=words):
        Claim(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        dict(value=99, at_least=98, null=90),  # the article's number
        dict(value=0.99, at_least=0.98, null=0.9, unit=""),  # as a fraction
        dict(value=4, at_least=0, null=0, stand_in=True),  # the sign of a difference
        dict(value=1.2, at_least=1, null=1, unit="", stand_in=True),  # of a ratio
        dict(value=93, at_least=91.5, null=91.5, stand_in=True),  # better than the null
        dict(value=True, at_least=True, null=False, stand_in=True),
        dict(untested="needs the official digits", at_least=98, stand_in=True),
    ],
)
def test_bounds_that_an_article_allows(fields):
    good = (True, None) if "untested" in fields else (True,)
    assert Claim(**ARTICLE | fields).passes in good


@pytest.mark.parametrize(
    "value", [1.5, math.inf, -math.inf, True, False, None, np.float32(0.25), np.int64(3), np.True_]
)
def test_json_and_back(value):
    claim = Claim(
        **BASE,
        value=value,
        untested="why" if value is None else None,
        unit="%",
        article=0.4,
        rerun="0.5 (by others)",
        null=-math.inf,
        stand_in=True,
        at_least=np.float32(0.5),
        at_most=np.int64(2),
        interval=np.array([-math.inf, 2.0]),
        seeds=np.int64(1),
        differs="because",
    )
    text = json.dumps(claim.to_dict(), allow_nan=False)
    assert Claim.from_dict(json.loads(text)) == claim
    assert sorted(json.loads(text)) == sorted(NAMES)
    assert json.loads(text)["verdict"] == claim.verdict
    assert claim.article == "0.4"


def test_values_survive_json():
    claim = Claim(**FINDING, values=np.array([0.1, 0.2, math.inf]), null=1, at_most=1)
    back = Claim.from_dict(json.loads(json.dumps(claim.to_dict(), allow_nan=False)))
    assert back.values == (0.1, 0.2, math.inf) and back.verdict == claim.verdict == "fails"
    finite = Claim(**FINDING, values=[0.1, 0.2, 0.4], null=1, at_most=1)
    assert Claim.from_dict(json.loads(json.dumps(finite.to_dict()))) == finite


def test_nan_survives_json():
    claim = Claim(**BASE, value=math.nan, at_least=0)
    back = Claim.from_dict(json.loads(json.dumps(claim.to_dict(), allow_nan=False)))
    assert math.isnan(back.value) and back.verdict == "fails"


def test_a_verdict_or_mean_in_a_file_counts_for_nothing():
    fields = Claim(**BASE, value=1, at_least=2).to_dict()
    assert Claim.from_dict(fields | {"verdict": "holds", "later_field": 1}).verdict == "fails"
    fields = Claim(**BASE, values=[1, 1.1, 0.9], at_least=2).to_dict()
    edited = fields | {"value": 3, "interval": [2.5, 3.5]}
    assert Claim.from_dict(edited).verdict == "fails"


def test_a_file_of_a_version_without_kinds_is_refused():
    fields = Claim(**BASE, value=1, at_least=2).to_dict()
    del fields["kind"]
    with pytest.raises(ValueError, match="not the fields of a claim.*kind"):
        Claim.from_dict(fields)


def test_a_claim_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Claim(**BASE, value=1, at_least=2).value = 3
