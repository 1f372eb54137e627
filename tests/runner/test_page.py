"""The report page as HTML: loads nothing, shows formulas, claims and images, and is accessible."""

import base64
import hashlib
import re
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from example_page import FORMULAS, PIXEL, example, example_entries
from nbformat.v4 import new_markdown_cell, new_notebook

from blogkit.runner.page import Entry, write_page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    entries = example_entries(tmp_path_factory.mktemp("notebooks"))
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
    small = ["n small = 1 large", "2 × 10⁻⁷", "–", "≤ 10⁻⁵", "digits stand-in", "✔ holds"]
    assert rows == [
        ["06 C1 identity small equals large", *small],
        ["08 C1 identity small equals large", *small],
        [
            "08 C2 article <script>alert(1)</script> & loss a <b>twelfth</b> of the data",
            "0.02",
            "0.4",
            "0.5",
            "≤ 0.02",
            "digits",
            "✘ not reproduced one seed",
        ],
        ["08 C3 finding 准确率 needs 60,000 digits", "–", "–", "–", "≥ 98", "mnist", "– not tested here"],
    ]


def test_counts_claims_by_kind_and_verdict(page):
    assert page.select_one("header .totals").get_text() == (
        "Article: 1 not reproduced. Identities: 2 hold. Findings: 1 not tested here."
    )
    assert page.select_one("#\\30 6_codes .totals").get_text() == "Identities: 1 holds."


def test_a_notebook_without_claims(tmp_path):
    one_cell(tmp_path, "# Title")
    assert "No claims." in (tmp_path / "one.html").read_text(encoding="utf-8")


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
