"""A notebook as HTML to embed in a page: formulas as MathML, nothing loaded from elsewhere."""

import dataclasses
import functools
import html
import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

from blogkit.runner.check import HIDE_INPUT
from blogkit.runner.formulas import formula
from blogkit.runner.sanitize import sanitize

SHOWN_FIRST = (
    "text/html",
    "text/markdown",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/plain",
)
CHINESE, LATIN_WORDS = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]+")


@dataclasses.dataclass(frozen=True)
class NotebookHTML:
    """`title` is the content of the notebook's first heading, `body` all the rest."""

    title: str
    body: str


def notebook_html(notebook: nbformat.NotebookNode, name: str, others: Collection[str] = ()) -> NotebookHTML:
    """`notebook` as HTML whose ids start with `name` and whose headings start at `<h3>`.

    Everything that a browser would fetch is removed: an image that is not part of
    the notebook becomes its alternative text, and a link to a file becomes plain
    text. So is all that could run, be sent or cover the page, see `sanitize`.
    A link to one of the notebooks `others` leads to `#other`.

    Raises:
        ValueError: If a formula cannot be converted.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "text/latex" in data:
                data.setdefault("text/markdown", data.pop("text/latex"))
            if "image/gif" in data:  # which nbconvert's template leaves out
                data["text/html"] = _gif(data["image/gif"], output.metadata.get("image/gif", {}))
    clean = functools.partial(sanitize, prefix=f"{name}-")
    body, _ = _Exporter(clean).from_notebook_node(notebook)
    soup = BeautifulSoup(clean(body), "html.parser")
    _describe_missing_images(soup)
    _rewrite_links(soup, name, others)
    _fold_hidden_inputs(soup)
    _let_tables_scroll(soup)
    _mark_chinese(soup)
    return NotebookHTML(_take_title(soup) or name, str(soup))


def _gif(base64, metadata):
    shown = "".join(
        f' {name}="{html.escape(str(metadata[name]))}"'
        for name in ("alt", "width", "height")
        if name in metadata
    )
    return f'<img src="data:image/gif;base64,{base64}"{shown}>'


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown renderer, with formulas as MathML."""

    def block_math(self, body):
        return formula(body, block=True)

    def inline_math(self, body):
        return formula(body, block=False)

    def latex_environment(self, name, body):
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)


class _Exporter(HTMLExporter):
    """nbconvert's exporter; `clean` closes each cell's HTML, so that no cell can swallow the next."""

    def __init__(self, clean):
        super().__init__(
            template_name="basic",
            sanitize_html=True,
            exclude_input_prompt=True,
            exclude_output_prompt=True,
            config=Config({"NbConvertBase": {"display_data_priority": list(SHOWN_FIRST)}}),
        )
        self.register_filter("clean_html", clean)

    @pass_context
    def markdown2html(self, context, source):
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(escape=False, attachments=attachments)
        return MarkdownWithMath(renderer).render(source)


def _describe_missing_images(soup):
    """Put the alternative text in place of an image that is not part of the notebook."""
    for image in soup.find_all("img"):
        if not image.get("src"):
            image.replace_with(image.get("alt") or "image")


def _rewrite_links(soup, name, others):
    for mark in soup.select("a.anchor-link"):  # nbconvert's pilcrow after every heading
        mark.decompose()
    for link in soup.select("a[href]"):
        address = urlsplit(link["href"])
        other = Path(address.path).name.removesuffix(".ipynb")
        if address.scheme or address.netloc:
            continue
        if not address.path:
            link["href"] = f"#{name}-{address.fragment}"
        elif other in others and address.path.endswith(".ipynb"):
            link["href"] = f"#{other}"
        else:
            link["title"] = link["href"]
            del link["href"]


def _fold_hidden_inputs(soup):
    for source in soup.select(f".celltag_{HIDE_INPUT} > .input"):
        summary = soup.new_tag("summary")
        summary.string = "Code of this cell"
        source.wrap(soup.new_tag("details", attrs={"class": "code"})).insert(0, summary)


def _let_tables_scroll(soup):
    for table in soup.find_all("table"):
        del table["border"]
        label = {"class": "scroll", "role": "region", "aria-label": "Table", "tabindex": "0"}
        table.wrap(soup.new_tag("div", attrs=label))


def _mark_chinese(soup):
    """Tell screen readers and fonts which titles, of articles and of sections, are in Chinese."""
    for title in soup.select("a[href], h1, h2, h3, h4, h5, h6"):
        text = title.get_text()
        if len(CHINESE.findall(text)) > 2 * len(LATIN_WORDS.findall(text)):
            title["lang"] = "zh"


def _take_title(soup):
    """Remove the first `<h1>` and return its content; lower every other heading by one level."""
    first = soup.find("h1")
    title = first.extract().decode_contents() if first else ""
    if first and first.get("lang"):
        title = f'<span lang="{first["lang"]}">{title}</span>'
    for heading in soup.find_all(["h1", "h2", "h3", "h4", "h5"]):
        heading.name = f"h{int(heading.name[1]) + 1}"
    return title
