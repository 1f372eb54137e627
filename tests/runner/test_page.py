import base64
import hashlib
import json
import re
import shutil
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from blogkit.report import CLAIMS_MIME, Claim
from blogkit.runner.page import Entry, write_page

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
            sentence="small equals large",
            value=2e-7,
            article="n small = 1 large",
            dataset="digits",
            stand_in=True,
            at_most=1e-5,
        ).to_dict(),
        Claim(
            id="C2",
            sentence="<script>alert(1)</script> & loss",
            value=0.4,
            article="0.02",
            dataset="digits",
            at_most=0.02,
            differs="a <b>twelfth</b> of the data",
        ).to_dict(),
        Claim(
            id="C3",
            sentence="准确率",
            value=None,
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


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """One entry as committed and one that has run."""
    folder = tmp_path_factory.mktemp("notebooks")
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


@pytest.fixture(scope="module")
def page(entries, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "runs" / "report.html"
    assert write_page(entries, path) == path
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def one_cell(tmp_path, text):
    """The page of a notebook that holds only `text`."""
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), tmp_path / "01_one.ipynb")
    html = write_page([Entry(tmp_path / "01_one.ipynb")], tmp_path / "one.html").read_text(encoding="utf-8")
    return BeautifulSoup(html, "html.parser").select_one("details.notebook")


def test_loads_nothing(page):
    for tag in page.find_all(True):
        for attribute in ("src", "srcset", "poster", "data", "background", "xlink:href"):
            assert tag.get(attribute, "data:").startswith("data:"), tag
        assert tag.name == "a" or "href" not in tag.attrs, tag
        assert "url(" not in tag.get("style", "")
    assert not page.find_all(["iframe", "object", "embed", "link", "base"])
    (style,) = page.find_all("style")
    assert "@import" not in style.string
    assert set(re.findall(r"url\((.{5})", style.string)) == {"data:"}
    (policy,) = page.find_all("meta", {"http-equiv": "Content-Security-Policy"})
    assert policy["content"].startswith("default-src 'none';")


def test_the_policy_allows_the_one_script_of_the_page(page):
    (script,) = page.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in str(page.find("meta", {"http-equiv": True}))


def test_formulas_become_mathml_and_code_stays(page):
    notebook = page.find("article", id="08_other").select_one("details.notebook")
    assert len(notebook.find_all("math")) == FORMULAS + 1  # and the output in LaTeX
    assert len(notebook.select(".formula.block")) == 3
    aligned = notebook.select_one(".formula.block")
    assert len(aligned.find_all("mtr")) == 2 and aligned.find("munder")
    assert "<" in [operator.string for operator in aligned.find_all("mo")]
    assert "损失" in aligned.get_text() and "𝔼" in aligned.get_text()
    assert '"$5" + x_$i$' in [code.string for code in notebook.find_all("code")]
    assert 'price = "$a_1$ and $$b$$"' in notebook.get_text()
    assert "a price of $3:" in notebook.get_text()
    assert not notebook.find("em")  # no underscore or star of a formula became emphasis


def test_a_formula_in_a_title_shows_in_the_title(tmp_path):
    nbformat.write(example(r"Batches of $n \times b$"), tmp_path / "01_one.ipynb")
    html = write_page([Entry(tmp_path / "01_one.ipynb")], tmp_path / "one.html").read_text(encoding="utf-8")
    assert BeautifulSoup(html, "html.parser").select_one("article > h2 math")


@pytest.mark.parametrize(
    "tex, reason",
    [
        (r"\nosuchcommand x", "nosuchcommand"),
        (r"\frac{1", "group was never closed|Expected closing"),
        (r"\begin{nosuch}x\end{nosuch}", "nosuch"),
    ],
)
def test_names_notebook_and_formula_it_cannot_convert(tmp_path, tex, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        one_cell(tmp_path, f"text ${tex}$ text")
    assert "01_one.ipynb" in str(caught.value) and tex in str(caught.value)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("title", "marked"),
    [
        ("ON-LSTM：用有序神经元表达层次结构", True),
        ("当Bert遇上Keras：这可能是Bert最简单的打开姿势", True),
        ("The word 苹果 and its colour", False),
        ("GANs in three stages", False),
    ],
)
def test_titles_in_chinese_carry_their_language(tmp_path, title, marked):
    nbformat.write(
        example(title, text=f"## {title}\n\n[{title}](https://kexue.fm)"), tmp_path / "01_one.ipynb"
    )
    html = write_page([Entry(tmp_path / "01_one.ipynb")], tmp_path / "one.html").read_text(encoding="utf-8")
    titles = [
        tag
        for tag in BeautifulSoup(html, "html.parser").select(
            "#notebooks a, article h2 span, article h3, article a"
        )
        if title in tag.get_text()
    ]
    assert {tag.get("lang") for tag in titles} == {"zh" if marked else None}
    assert len(titles) == (4 if marked else 3)  # index, heading, section, link


def test_claims_stand_beside_the_article(page):
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])]
        for row in page.select(".claims tbody tr")
    ]
    assert rows == [
        ["06 C1 small equals large", "n small = 1 large", "2 × 10⁻⁷", "≤ 10⁻⁵", "digits stand-in", "✔ true"],
        ["08 C1 small equals large", "n small = 1 large", "2 × 10⁻⁷", "≤ 10⁻⁵", "digits stand-in", "✔ true"],
        [
            "08 C2 <script>alert(1)</script> & loss a <b>twelfth</b> of the data",
            "0.02",
            "0.4",
            "≤ 0.02",
            "digits",
            "✘ false",
        ],
        ["08 C3 准确率 needs 60,000 digits", "–", "–", "≥ 98", "mnist", "– not tested"],
    ]


def test_counts_verdicts(page):
    counts = [item.get_text() for item in page.select("header .verdicts li")]
    assert counts == ["2 ✔ true", "1 ✘ false", "1 – not tested"]
    assert [item.get_text() for item in page.select("#\\30 6_codes .verdicts li")] == ["1 ✔ true"]


def test_a_notebook_without_claims(tmp_path):
    one_cell(tmp_path, "# Title")
    assert "no claims recorded" in (tmp_path / "one.html").read_text(encoding="utf-8")


def test_says_where_and_when_it_ran(page):
    committed, ran = page.select("ol.index > li")
    assert committed.dl.get_text(" ", strip=True) == "Outputs as committed"
    assert ran.dl.get_text(" ", strip=True) == (
        "Ran 2026-01-02 03:04 UTC Took 74 s Backend jax 0.10.2 Device a <cpu>"
    )
    assert "name <i>" in page.find("article", id="08_other").get_text(" ", strip=True)


def test_every_anchor_leads_somewhere_and_ids_are_unique(page):
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    targets = {unquote(link["href"][1:]) for link in page.select('a[href^="#"]')}
    assert targets <= set(ids)
    assert {"06_codes-What-differs", "08_other-What-differs", "08_other"} <= targets


def test_links_to_files_keep_only_their_words(page):
    for link in page.select("details.notebook a[href]"):
        assert link["href"].startswith(("#", "https://"))
    (link, _) = page.find_all("a", title="../blogkit/ops.py")
    assert link.get_text() == "file" and "href" not in link.attrs


def test_images_are_inside_and_described(page):
    images = page.find_all("img")
    assert [image["alt"] for image in images] == ['a "falling" curve', 'a "moving" <curve>'] * 2
    assert {(image["width"], image["height"]) for image in images} == {("40", "30")}
    assert all(image["src"].endswith(PIXEL) for image in images[::2])
    assert all(image["src"] == "data:image/gif;base64,R0lGODlh" for image in images[1::2])
    assert "Open in Colab" in page.get_text() and "outside" in page.get_text()


def test_hidden_input_is_folded(page):
    folded = page.select("details.notebook details.code")
    assert len(folded) == 2
    assert all("figure()" in details.get_text() for details in folded)


def test_is_built_for_assistive_technology(page):
    assert page.html["lang"] == "en"
    assert page.find("header") and page.find("main") and page.find("nav")["aria-label"]
    assert all(head["scope"] for head in page.select(".claims th"))
    assert all(control.find_parent("label") for control in page.select("#filters :is(input, select)"))
    assert page.find(id="shown")["aria-live"] == "polite"
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert [tag.name for tag in page.select("details.notebook :is(h1, h2, h3, h4)")] == ["h3"] * 4
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


# In a browser ---------------------------------------------------------------------------------


@pytest.fixture
def browser(tmp_path):
    """Headless Chromium that keeps a log of every request."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("needs a browser: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        f"--user-data-dir={tmp_path / 'chromium'}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    found = webdriver.Chrome(service=webdriver.ChromeService(driver), options=options)
    yield found
    found.quit()


def test_in_a_browser(entries, tmp_path, browser):
    path = write_page(entries, tmp_path / "report.html")
    for width in (390, 1440):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == 390},
        )
        browser.get(path.as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        fits_the_window(browser, width)
        shows_formulas(browser)
    filters_claims(browser)
    opens_the_notebook_a_link_leads_to(browser)
    made_no_request(browser, path)


def fits_the_window(browser, width):
    page, window = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert page <= window == width


def shows_formulas(browser):
    sizes = browser.execute_script("""
        return [...document.querySelectorAll("math")].map(m => {
          const box = m.getBoundingClientRect();
          return [box.width, box.height, getComputedStyle(m).display];
        })""")
    assert len(sizes) == 2 * (FORMULAS + 1)
    assert all(width > 3 and height > 3 and "math" in display for width, height, display in sizes)
    # A formula wider than the page scrolls in its own box, not with its whole cell.
    assert browser.execute_script("""
        const scrolls = box => box.scrollWidth > box.clientWidth;
        return [...document.querySelectorAll(".formula.block")].some(scrolls) &&
          ![...document.querySelectorAll(".text_cell_render")].some(scrolls)""")
    assert browser.execute_async_script("""
        const done = arguments[0];
        document.fonts.ready.then(f => done([...f].map(font => font.status)))""") == ["loaded"]


def filters_claims(browser):
    def choose(name, value):
        return browser.execute_script(
            """
            const [name, value] = arguments, field = document.querySelector(`[name=${name}]`);
            field.value = value;
            field.dispatchEvent(new Event("input", {bubbles: true}));
            return [[...document.querySelectorAll(".claims tbody tr")]
                      .filter(row => row.checkVisibility()).length,
                    document.getElementById("shown").textContent]""",
            name,
            value,
        )

    assert choose("words", "") == [4, "4 of 4 claims shown"]
    assert choose("words", "SMALL large") == [2, "2 of 4 claims shown"]
    assert choose("notebook", "08_other") == [1, "1 of 4 claims shown"]
    assert choose("verdict", "false") == [0, "0 of 4 claims shown"]
    assert choose("words", "准") == [0, "0 of 4 claims shown"]
    assert choose("verdict", "not tested") == [1, "1 of 4 claims shown"]
    browser.execute_script("document.querySelector('[type=reset]').click()")
    assert choose("words", "") == [4, "4 of 4 claims shown"]


def opens_the_notebook_a_link_leads_to(browser):
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = false; })")
    shown = browser.execute_async_script("""
        const done = arguments[0], other = document.getElementById("08_other");
        addEventListener("hashchange", () => done(other.querySelector("details.notebook").open));
        document.querySelector('.index a[href="#08_other"]').click();""")
    assert shown


def made_no_request(browser, path):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
        and message["params"]["documentURL"] == path.as_uri()  # Chromium has pages of its own
    ]
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri()}
    assert browser.get_log("browser") == []  # nor refused by the page's policy
