"""The READMEs and the committed notebooks, read in parts."""

import re
from pathlib import Path

import nbformat
import pytest

from blogkit.report import CLAIMS_MIME

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
NUMBER = r"(?<![A-Za-z\d])\d(?:[\d,.]*\d)?(?:e-?\d+)?"
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
CARD = re.compile(
    r'^\[<img src="(?P<picture>[^"]+)" width="30%" align="right" alt="(?P<alt>[^"]+)">\]'
    r"\((?P<notebook>[^)]+)\)\n"
    r"\*\*(?P<nb>\d\d)\*\* · \[(?P<title>[^]]+)\]\((?P<url>[^)]+)\)(?:, |，)(?P<date>[\d-]+)<br>\n"
    r"(?P<found>.+)<br>\n"
    r"\[[^]]+\]\((?P=notebook)\)\n"
    r'<br clear="both">$',
    re.MULTILINE,
)


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name, language):
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def commands(name):
    """Every command line shown, without comments and runs of spaces."""
    shown = (line for block in blocks(name, "sh") for line in block.splitlines())
    return [re.sub(r"\s+#.*", "", line) for line in shown if line.strip()]


def links(source):
    return [markdown or html for markdown, html in re.findall(r'\]\(([^)]+)\)|src="([^"]+)"', source)]


def relative_links(source):
    return [link.partition("#")[0] for link in links(source) if not re.match(r"https?:|#", link)]


def visible(source):
    """`source` without the addresses of its links, without its pictures and marks."""
    return re.sub(r"\]\([^)]*\)|<[^>]*>|[\[\]*`]", "", source)


def numbers(source):
    """The numbers that a reader sees in `source`, 4 × 10⁻¹⁵ as 4e-15; none of names like R1."""
    plain = re.sub(
        "(\\d) × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
        lambda match: f"{match[1]}e{match[2].translate(SUPERSCRIPTS)}",
        visible(source),
    )
    return re.findall(NUMBER, plain)


def cards(name):
    """The articles, as dicts: nb, title, url, date, found, notebook, picture, alt."""
    return [match.groupdict() for match in CARD.finditer(text(name))]


def findings(name):
    """Notebook number -> finding, for the list before the first command."""
    opening = text(name).partition("```sh")[0]
    items = re.findall(r"^- (.*?)(?=^- |^$)", opening, re.MULTILINE | re.DOTALL)
    return {re.search(r"notebooks/(\d\d)_", item)[1]: item for item in items}


def table_rows(name):
    """The cells of each row of each table, without headers and rulers."""
    lines = re.findall(r"^\|(.*)\|$", text(name), re.MULTILINE)
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    rulers = {number for number, row in enumerate(rows) if set("".join(row)) == {"-"}}
    return [row for number, row in enumerate(rows) if not {number, number + 1} & rulers]


def outputs(notebook):
    """(cell id, data) of every output in the committed notebook."""
    cells = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells
    return [(cell.id, o.get("data", {})) for cell in cells for o in cell.get("outputs", ())]


def printed(notebook):
    """All that the committed notebook's cells print."""
    cells = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells
    return "".join(o.get("text", "") for cell in cells for o in cell.get("outputs", ()))


def claims(notebook):
    found = [data[CLAIMS_MIME]["claims"] for _, data in outputs(notebook) if CLAIMS_MIME in data]
    if not found:
        pytest.skip(f"{notebook} has no outputs yet: make refresh")
    return found[-1]
