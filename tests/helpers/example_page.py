"""Two notebooks with every kind of output, formula and claim that the report page must handle."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from blogkit.report import CLAIMS_MIME, Claim
from blogkit.runner.page import Entry

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
THEORY = r"""## 1 理论 $\hat g_t$
With $\theta_1 * b_1 * \theta_2$, $a<b$ and a price of \$3:

$$
\begin{aligned}
m_t &= \beta_1 m_{t-1} + (1-\beta_1)\,\bar g_t & \text{if } n &< \infty \\
\lVert v_t \rVert_2^2 &\le \underbrace{\frac1N\sum_{i=1}^{N} \mathbb{E}\big[\ell(x_i)\big]}_{\text{损失}}
\end{aligned}
$$

\begin{equation}
f(x) = \begin{cases} x^2 & x > 0 \\ 0 & \text{otherwise} \end{cases}
\end{equation}

$$A_1 + A_2 + A_3 + A_4 + A_5 + A_6 + A_7 + A_8 + A_9 + A_{10} + A_{11} + A_{12} + A_{13} + A_{14} + A_{15}
+ A_{16} + A_{17} + A_{18} + A_{19} + A_{20} + A_{21} + A_{22} + A_{23} + A_{24} + A_{25} + A_{26}$$

Code is no formula: `"$5" + x_$i$`.

```python
price = "$a_1$ and $$b$$"
```

| symbol | meaning |
|---|---|
| $\eta$ | rate |
"""
FORMULAS = 7  # in `THEORY`: in the heading, two in the text, three on lines of their own, in the table


def claims():
    return [
        Claim(
            id="C1",
            kind="identity",
            sentence="small equals large",
            value=2e-7,
            article="n small = 1 large",
            dataset="digits",
            stand_in=True,
            at_most=1e-5,
        ).to_dict(),
        Claim(
            id="C2",
            kind="article",
            sentence="<script>alert(1)</script> & loss",
            value=0.4,
            article="0.02",
            dataset="digits",
            at_most=0.02,
            null=0.5,
            differs="a <b>twelfth</b> of the data",
        ).to_dict(),
        Claim(
            id="C3",
            kind="finding",
            sentence="准确率",
            dataset="mnist",
            at_least=98,
            untested="needs 60,000 digits",
        ).to_dict(),
    ]


def example(title, claims=(), text=THEORY):
    """A notebook with every kind of output that the page must handle."""
    bundle = {
        CLAIMS_MIME: {"article": "https://kexue.fm/archives/6794", "claims": claims},
        "text/plain": "claims",
    }
    return new_notebook(
        metadata={"language_info": {"name": "python"}},
        cells=[
            new_markdown_cell(
                f"# {title}\n\n[article](https://kexue.fm/archives/6794) [![Open in Colab]"
                "(https://colab.research.google.com/badge.svg)](https://colab.research.google.com/) "
                "[what differs](#What-differs) [other](../notebooks/08_other.ipynb) "
                "[file](../blogkit/ops.py)\n\n"
                '<img src="http://example.org/a.png" alt="outside"><script src="//example.org/a.js"></script>'
                '<link rel="stylesheet" href="https://example.org/a.css"><iframe src="https://example.org"></iframe>'
                '<p style="background: url(https://example.org/b.png)">styled</p>'
            ),
            new_markdown_cell(text),
            new_code_cell("x = '<b>' if 1 < 2 else '&'\n" + "long = " + " + ".join(["x"] * 99)),
            new_code_cell(
                "figure()",
                metadata={"tags": ["hide-input"]},
                outputs=[
                    new_output(
                        "display_data",
                        {"image/png": PIXEL, "text/plain": "Figure"},
                        metadata={"image/png": {"alt": 'a "falling" curve', "width": 40, "height": 30}},
                    ),
                    new_output(
                        "display_data",
                        {"image/gif": "R0lGODlh", "text/plain": "Animation"},
                        metadata={"image/gif": {"alt": 'a "moving" <curve>', "width": 40, "height": 30}},
                    ),
                ],
            ),
            new_code_cell(
                "table",
                outputs=[
                    new_output(
                        "display_data",
                        {
                            "text/html": "<style>@import url(http://example.org)</style>"
                            "<table><tr>" + "<td>a wide cell</td>" * 30 + "</tr></table>"
                        },
                    ),
                    new_output("display_data", {"text/latex": r"$\displaystyle \pi_1$", "text/plain": "pi"}),
                    new_output("stream", name="stdout", text="loss <0.5>" * 40),
                ],
            ),
            new_code_cell("report", outputs=[new_output("display_data", bundle)]),
            new_markdown_cell("## What differs\n\nLess data."),
        ],
    )


def example_entries(folder):
    """One entry as committed and one that has run, with their notebooks in `folder`."""
    nbformat.write(example("编码 <b>&</b> codes", claims()[:1]), folder / "06_codes.ipynb")
    nbformat.write(example("Other"), folder / "08_other.ipynb")
    result = {
        "notebook": "08_other",
        "article": "https://kexue.fm/archives/6794",
        "parameters": {"seed": 0, "name": "<i>"},
        "claims": claims(),
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 74.26,
        "environment": {"backend": "jax", "versions": {"jax": "0.10.2"}, "device": "a <cpu>", "commit": None},
    }
    return [Entry(folder / "06_codes.ipynb"), Entry(folder / "08_other.ipynb", result)]
