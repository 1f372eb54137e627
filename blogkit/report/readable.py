"""Numbers and bounds as a reader expects them in print: 3.2 × 10⁻⁷, ≤ 10⁻⁵, 3 to 5."""

import math

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALLEST_PLAIN, LARGEST_PLAIN = 1e-3, 1e6  # outside, powers of ten are easier to read


def number_text(number: float, digits: int = 3) -> str:
    """`number` rounded to `digits` significant digits, with a power of ten where it is tiny or huge.

    Whole numbers below a million are exact.

    Examples:

    >>> [number_text(x) for x in (0.9, -12, 97.96, 1024, 3.2e-7, 1e-5, 2e9)]
    ['0.9', '−12', '98', '1,024', '3.2 × 10⁻⁷', '10⁻⁵', '2 × 10⁹']
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    sign, size = "−" if number < 0 else "", abs(number)
    if size == int(size) and size < LARGEST_PLAIN:
        return f"{sign}{int(size):,}"
    size = float(f"{size:.{digits}g}")
    if SMALLEST_PLAIN <= size < LARGEST_PLAIN:
        return sign + (f"{size:,.0f}" if size >= 10 ** (digits - 1) else f"{size:.{digits}g}")
    mantissa, _, exponent = f"{size:.{digits - 1}e}".partition("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return sign + (power if mantissa == "1" else f"{mantissa} × {power}")


def bound_text(claim) -> str:
    """The bounds of `claim` for a reader; a bound that equals the null is strict.

    Examples:

    >>> from blogkit.report import Claim
    >>> fields = dict(id="C1", kind="identity", sentence="small", value=0, dataset="digits")
    >>> bound_text(Claim(**fields, at_most=1e-5)), bound_text(Claim(**fields, at_least=3, at_most=5))
    ('≤ 10⁻⁵', '3 to 5')
    """
    low, high = claim.at_least, claim.at_most
    if low is True or high is False:
        return "yes" if low else "no"
    if low is None:
        return f"{'<' if high == claim.null else '≤'} {number_text(high, 4)}"
    if high is None:
        return f"{'>' if low == claim.null else '≥'} {number_text(low, 4)}"
    low, high = number_text(low, 4), number_text(high, 4)
    return low if low == high else f"{low} to {high}"
