import dataclasses
import json
import math

import numpy as np
import pytest

from blogkit.report import Claim

BASE = dict(id="C1", sentence="s", dataset="digits")


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (1.0, 1.0, None, "true"),
        (1.0, None, 1.0, "true"),
        (1.0, 1.0, 1.0, "true"),  # bounds belong to it
        (np.nextafter(1.0, 0), 1.0, None, "false"),
        (np.nextafter(1.0, 2), None, 1.0, "false"),
        (0.5, 0.0, 1.0, "true"),
        (-0.5, 0.0, 1.0, "false"),
        (1.5, 0.0, 1.0, "false"),
        (0, 0, None, "true"),
        (0, None, 0, "true"),
        (math.nan, 0, None, "false"),
        (math.nan, None, 0, "false"),
        (math.nan, -1e300, 1e300, "false"),
        (math.inf, 0, None, "true"),
        (math.inf, None, 1e300, "false"),
        (-math.inf, None, 0, "true"),
        (True, True, None, "true"),
        (False, True, None, "false"),
        (False, None, False, "true"),
        (True, None, False, "false"),
        (np.True_, True, None, "true"),
        (0.5, 2, 1, "false"),  # an empty range
    ],
)
def test_verdict(value, low, high, verdict):
    claim = Claim(**BASE, value=value, at_least=low, at_most=high)
    assert claim.verdict == verdict
    explained = dataclasses.replace(claim, differs="why")
    assert explained.verdict == verdict  # a reason does not change it
    assert explained.remark == ("why" if verdict == "false" else "")


def test_what_is_not_tested_says_why():
    claim = Claim(**BASE, value=None, at_least=1, untested="needs a GPU", differs="no")
    assert (claim.verdict, claim.here, claim.remark) == ("not tested", "–", "needs a GPU")


@pytest.mark.parametrize(
    ("low", "high", "bound"),
    [
        (None, 1e-5, "<= 1e-05"),
        (2, None, ">= 2"),
        (0.9, 1, "0.9 to 1"),
        (3, 3, "3"),
        (0, 0, "0"),
        (True, None, "yes"),
        (None, False, "no"),
        (1 / 3, None, ">= 0.3333"),
    ],
)
def test_bound_in_json(low, high, bound):
    assert Claim(**BASE, value=1, at_least=low, at_most=high).bound == bound


@pytest.mark.parametrize(
    ("fields", "here"),
    [
        (dict(value=97.96, unit="%"), "98 %"),
        (dict(value=1.23456e-7), "1.23 × 10⁻⁷"),
        (dict(value=0.5, unit="nats", interval=(0.4, 0.61234), seeds=5), "0.5 nats (0.4 to 0.612, 5 seeds)"),
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


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (dict(value=1), "bound that can be missed.*C1: 's'"),
        (dict(value=True, at_least=False), "bound that can be missed.*at_least=False"),
        (dict(value=True, at_most=True), "bound that can be missed.*at_most=True"),
        (dict(value=1, at_least=-math.inf), "`at_least` must be finite.*at_least=-inf for C1"),
        (dict(value=1, at_most=math.nan), "`at_most` must be finite.*at_most=nan for C1"),
        (dict(value=None, at_least=1), "value=None, untested=None for C1"),
        (dict(value=None, at_least=1, untested=""), "untested=''"),
        (dict(value=1, at_least=1, untested="no GPU"), "value=1.0, untested='no GPU'"),
    ],
)
def test_a_claim_that_cannot_be_decided_is_refused(fields, words):
    with pytest.raises(ValueError, match=words):
        Claim(**BASE, **fields)


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
        stand_in=True,
        at_least=np.float32(0.5),
        at_most=np.int64(2),
        interval=np.array([-math.inf, 2.0]),
        seeds=np.int64(3),
        differs="because",
    )
    text = json.dumps(claim.to_dict(), allow_nan=False)
    assert Claim.from_dict(json.loads(text)) == claim
    assert json.loads(text)["verdict"] == claim.verdict and json.loads(text)["bound"] == "0.5 to 2"
    assert claim.article == "0.4"


def test_nan_survives_json():
    claim = Claim(**BASE, value=math.nan, at_least=0)
    back = Claim.from_dict(json.loads(json.dumps(claim.to_dict(), allow_nan=False)))
    assert math.isnan(back.value) and back.verdict == "false"


def test_a_given_verdict_counts_for_nothing():
    fields = Claim(**BASE, value=1, at_least=2).to_dict()
    assert Claim.from_dict(fields | {"verdict": "true", "later_field": 1}).verdict == "false"


def test_a_claim_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Claim(**BASE, value=1, at_least=2).value = 3
