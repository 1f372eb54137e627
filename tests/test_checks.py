"""Accepted and refused values of each check, with the messages."""

import re
from decimal import Decimal

import numpy as np
import pytest

from blogkit.checks import check_choice, check_count, check_positive, check_rate


@pytest.mark.parametrize(("value", "low"), [(1, 1), (0, 0), (np.int64(7), 2), (np.uint8(3), 3), (10**30, 1)])
def test_counts(value, low):
    check_count("n", value, low)


@pytest.mark.parametrize("value", [0, -3, True, 2.0, np.float32(2), "2", None, np.array(2), float("nan")])
def test_no_counts(value):
    with pytest.raises(
        ValueError, match=re.escape(f"`n` must be a positive integer. Received: n={value!r}.")
    ):
        check_count("n", value)


@pytest.mark.parametrize(
    ("low", "words"),
    [
        (0, "`n` must be a non-negative integer. Received: n=-1."),
        (5, "`n` must be an integer of at least 5. Received: n=-1."),
    ],
)
def test_the_message_names_the_lowest_count(low, words):
    with pytest.raises(ValueError, match=words):
        check_count("n", -1, low)


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int32(4), 1e300])
def test_positive_numbers(value):
    found = check_positive("x", value)
    assert found == value and type(found) is float
    assert check_positive("x", 0, or_zero=True) == 0.0


@pytest.mark.parametrize(
    "value", [-1, float("inf"), float("nan"), True, "1", None, 1j, Decimal(1), np.array(1.0)]
)
def test_no_positive_numbers(value):
    for or_zero, kind in ((False, "a positive number"), (True, "a non-negative number")):
        with pytest.raises(ValueError, match=re.escape(f"`x` must be {kind}. Received: x={value!r}.")):
            check_positive("x", value, or_zero)


def test_zero_is_not_positive():
    with pytest.raises(ValueError, match="`x` must be a positive number. Received: x=0.0."):
        check_positive("x", 0.0)


def test_rates():
    for rate in (0, 0.0, 0.999, np.float32(0.5)):
        check_rate("decay", rate)
    for rate in (1, 1.0, -0.1, float("nan"), True, False, "0.5", None):
        with pytest.raises(
            ValueError, match=re.escape(f"`decay` must be a number in [0, 1). Received: decay={rate!r}.")
        ):
            check_rate("decay", rate)


@pytest.mark.parametrize("choices", [("loss", "ema"), ["loss", "ema"], {"loss": 1, "ema": 2}])
def test_choices(choices):
    for value in ("loss", "ema", np.str_("ema")):
        check_choice("update", value, choices)
    for value in ("adam", "LOSS", "", None, 1, True, ["loss"], np.array(["loss", "ema"])):
        message = f"`update` must be one of 'loss', 'ema'. Received: update={value!r}."
        with pytest.raises(ValueError, match=re.escape(message)):
            check_choice("update", value, choices)
