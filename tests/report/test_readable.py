"""Numbers and bounds in print."""

import math

import pytest

from blogkit.report import Claim
from blogkit.report.readable import bound_text, number_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.9, "0.9"),
        (120, "120"),
        (1024.0, "1,024"),
        (-1234.5, "−1,230"),
        (999_999, "999,999"),
        (999_999.5, "10⁶"),
        (1e6, "10⁶"),
        (1.234e7, "1.23 × 10⁷"),
        (0.001, "0.001"),
        (0.0009999, "0.001"),  # as it is shown, not as it is, it decides about the power of ten
        (0.000999, "9.99 × 10⁻⁴"),
        (1e-5, "10⁻⁵"),
        (-1e-5, "−10⁻⁵"),
        (3.2e-7, "3.2 × 10⁻⁷"),
        (9.999e-8, "10⁻⁷"),
        (2e-10, "2 × 10⁻¹⁰"),
        (10.04, "10"),
        (99.96, "100"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (5e-324, "4.94 × 10⁻³²⁴"),
    ],
)
def test_number(number, text):
    assert number_text(number) == text


def test_digits():
    assert [number_text(2 / 3, digits) for digits in (1, 2, 4)] == ["0.7", "0.67", "0.6667"]
    assert number_text(123456.5, 4) == "123,500"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, 1e-5, "≤ 10⁻⁵"),
        (1e-9, None, "≥ 10⁻⁹"),
        (2, None, "≥ 2"),
        (3, 5, "3 to 5"),
        (-1e-6, 0.05, "−10⁻⁶ to 0.05"),
        (3, 3, "3"),
        (2 - 1e-6, 2 + 1e-6, "2"),
        (0, 0, "0"),
        (True, None, "yes"),
        (None, False, "no"),
        (1 / 3, None, "≥ 0.3333"),
    ],
)
def test_bound(low, high, text):
    claim = Claim(id="C1", kind="identity", sentence="s", dataset="d", value=1, at_least=low, at_most=high)
    assert bound_text(claim) == text


def test_a_bound_that_equals_the_null_is_shown_as_strict():
    fields = dict(id="C1", kind="finding", sentence="s", dataset="d", value=1, null=0.25)
    assert bound_text(Claim(**fields, at_least=0.25)) == "> 0.25"
    assert bound_text(Claim(**fields, at_most=0.25)) == "< 0.25"
