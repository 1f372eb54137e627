"""TeX formulas as MathML, which a browser lays out without script or network."""

from math_core import LatexError, LatexToMathML

_CONVERTER = LatexToMathML(fancy_error=False)  # messages without colours, for one line


def formula(tex: str, *, block: bool) -> str:
    r"""One formula as HTML: MathML in a box that scrolls when the page is narrower.

    Args:
        tex: The TeX between the dollar signs, or a whole `\begin...\end`.
        block: True for a formula on a line of its own.

    Raises:
        ValueError: If the formula cannot be converted; names it and the reason.

    Example:

    >>> formula("a < b", block=False)
    '<span class="formula"><math><mi>a</mi><mo>&lt;</mo><mi>b</mi></math></span>'
    """
    try:
        mathml = _CONVERTER.convert_with_local_state(tex, displaystyle=block)
    except LatexError as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"The formula `{tex.strip()}` cannot be converted: {reason}") from error
    return f'<span class="formula{" block" if block else ""}">{mathml}</span>'
