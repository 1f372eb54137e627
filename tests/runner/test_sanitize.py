"""What stays of HTML from a notebook."""

import nbformat
import pytest
from bs4 import BeautifulSoup
from hostile_html import payloads
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from blogkit.runner.notebook_html import notebook_html
from blogkit.runner.sanitize import ATTRIBUTES, TAGS, sanitize


@pytest.mark.parametrize("payload", payloads())
def test_only_links_keep_an_address_and_a_second_pass_changes_nothing(payload):
    clean = sanitize(payload, "01-")
    for tag in BeautifulSoup(clean, "html.parser").find_all(True):
        assert tag.name in TAGS
        assert set(tag.attrs) <= ATTRIBUTES["*"] | ATTRIBUTES.get(tag.name, set())
        shown = {name for name, value in tag.attrs.items() if "URL" in value}
        assert shown <= ({"href", "title"} if tag.name == "a" else {"title", "alt"})
        assert not {"javascript:", "data:"} & {tag.get("href", "")[:length].lower() for length in (5, 11)}
    assert sanitize(clean, "01-") == clean


@pytest.mark.parametrize(
    "html",
    [
        '<h2 id="01-a" lang="zh">标题</h2>',
        '<table><tbody><tr><th scope="col" style="color: rgb(1, 2, 3)">a</th></tr></tbody></table>',
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="a &amp; b" width="40" height="30">',
        '<a href="https://kexue.fm/" title="t">a</a> <a href="#b">b</a> <a href="../c.py?x=1:2">c</a>',
        '<math display="block"><mrow><mi mathvariant="normal">a</mi><mo>&lt;</mo></mrow></math>',
        '<span class="ansi-red-fg" style="background-color: #d9f2e1; padding: 1px 6px">red</span>',
        '<details open=""><summary>more</summary><p>5 &lt; 6</p></details>',
    ],
)
def test_what_a_reader_needs_stays(html):
    assert sanitize(html, "01-") == html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<p style="position: fixed; top: 0; color: red">a</p>', '<p style="color: red">a</p>'),
        ('<p style="color: var(--x); width: calc(1px)">a</p>', "<p>a</p>"),
        ('<a href="java\nscript:f()">a</a>', "<a>a</a>"),
        ('<a href="da\tta:text/html,x">a</a>', "<a>a</a>"),
        ('<b id="filters" name="words">a</b>', '<b id="01-filters">a</b>'),
        ('<img src="data:text/html;base64,PGI+">', "<img>"),
        ('<form action="x"><input name="q">a<button>b</button></form>', "ab"),
        ("<style>p { color: red }</style><script>f()</script>a", "a"),
    ],
)
def test_what_could_load_run_or_cover_the_page_goes(html, left):
    assert sanitize(html, "01-") == left


@pytest.mark.parametrize(
    "opened", ["<plaintext>", "<!--", "<textarea>", "<table><tr><td>", "<svg><style>", "<a href='"]
)
def test_an_element_left_open_swallows_no_other_cell(opened):
    html = new_output("display_data", {"text/html": f"<p>table</p>{opened}"})
    cells = [
        new_markdown_cell(f"# Title\n\ntext {opened}"),
        new_code_cell("1", outputs=[html]),
        new_markdown_cell("## Next\n\nlast"),
    ]
    found = notebook_html(nbformat.from_dict(new_notebook(cells=cells)), "01_one")
    soup = BeautifulSoup(found.body, "html.parser")
    assert len(soup.select(".cell")) == 3 and not soup.select(".cell .cell")
    assert soup.find("h3", id="01_one-Next").get_text() == "Next"
    assert [p.get_text() for p in soup.find_all("p")][-2:] == ["table", "last"]
