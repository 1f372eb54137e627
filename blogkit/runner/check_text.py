"""Lint rules for the text of a notebook: title, headings, links, length of code cells."""

from urllib.parse import unquote, urlsplit

import mistune
from nbconvert.filters.markdown_mistune import MathBlockParser, MathInlineParser

LONGEST_CODE = 25  # lines
BLOG = "kexue.fm"

# The parser of the report page and JupyterLab: links and headings inside code or formulas do not count.
_PARSE = mistune.Markdown(
    renderer=None,
    block=MathBlockParser(),
    inline=MathInlineParser(),
    plugins=[mistune.import_plugin(name) for name in ("table", "url")],
)


def _opens_with_title_and_article(notebook, path):
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown":
        yield "cell 1: not text; open with the title and a link to the article"
        return
    tokens = list(_tokens(first.source))
    titles = [token for token in tokens if _level(token) == 1]
    if len(titles) != 1:
        yield f"cell 1: {len(titles)} headings of level 1; open with one `# Title`"
    hosts = [urlsplit(url).hostname or "" for url in _addresses(tokens)]
    if not any(host == BLOG or host.endswith(f".{BLOG}") for host in hosts):
        yield f"cell 1: no link to the article; add one to https://{BLOG}/archives/..."


def _headings_descend_step_by_step(notebook, path):
    last = 0
    for number, token in _text_tokens(notebook):
        level = _level(token)
        if level is None:
            continue
        if level > last + 1:
            yield f"cell {number}: a heading of level {level} after level {last}; use level {last + 1}"
        if level == 1 and number > 1:
            yield f"cell {number}: a second title; use level 2"
        last = level


def _linked_files_exist(notebook, path):
    for number, token in _text_tokens(notebook):
        for url in _addresses([token]):
            address = urlsplit(url)
            if address.scheme or address.netloc or not address.path:
                continue  # elsewhere, or in this notebook
            if not (path.parent / unquote(address.path)).exists():
                remedy = f"correct it from {path.parent.name}/"
                yield f"cell {number}: links to {url!r}, which does not exist; {remedy}"


def _code_cells_fit_a_screen(notebook, path):
    for number, cell in enumerate(notebook.cells, 1):
        lines = len(cell.source.splitlines())
        if cell.cell_type == "code" and lines > LONGEST_CODE:
            yield f"cell {number}: {lines} lines of code; split it, at most {LONGEST_CODE} fit a screen"


def _text_tokens(notebook):
    """(cell number, token) of every token of every text cell."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            for token in _tokens(cell.source):
                yield number, token


def _tokens(source):
    """Every token of the Markdown `source`, parents before children."""
    waiting = list(_PARSE(source))
    while waiting:
        token = waiting.pop(0)
        yield token
        waiting[:0] = token.get("children", ())


def _level(token):
    return token["attrs"]["level"] if token["type"] == "heading" else None


def _addresses(tokens):
    return [token["attrs"]["url"] for token in tokens if token["type"] in ("link", "image")]


TEXT_RULES = (
    _opens_with_title_and_article,
    _headings_descend_step_by_step,
    _linked_files_exist,
    _code_cells_fit_a_screen,
)
