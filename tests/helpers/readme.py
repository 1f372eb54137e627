"""The READMEs and the committed notebooks, read in parts."""

import re
from pathlib import Path

import nbformat
import pytest

from blogkit.report import CLAIMS_MIME, Claim, totals
from blogkit.report.record import FOLDER, read_records

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
NUMBER = r"(?<![A-Za-z\d])\d(?:[\d,.]*\d)?(?:e-?\d+)?"
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
CARD = re.compile(
    r'^\[<img src="(?P<picture>[^"]+)" width="30%" align="right" alt="(?P<alt>[^"]+)">\]'
    r"\((?P<notebook>[^)]+)\)\n"
    r"\*\*(?P<nb>\d\d)\*\* · \[(?P<title>[^]]+)\]\((?P<url>[^)]+)\)(?:, |，)(?P<date>[\d-]+)<br>\n"
    r"(?P<totals>.+)<br>\n"
    r"(?:(?P<recorded>Recorded .+|记录（.+)<br>\n)?"
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
    """The articles, as dicts: nb, title, url, date, totals, recorded, found, notebook, picture, alt."""
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
    return [Claim.from_dict(fields) for fields in found[-1]]


def records(notebook):
    """The recorded runs of a notebook, the oldest first."""
    return read_records(ROOT / "notebooks" / FOLDER, notebook)


# The words of `blogkit.report.totals`, and of verdicts, in the Chinese README.
CHINESE = {
    "Article": "原文的论断",
    "Identities": "恒等式",
    "Findings": "我们的发现",
    "reproduced": "复现",
    "not reproduced": "未复现",
    "same direction on stand-ins": "在替代数据上方向一致",
    "same direction on a stand-in": "在替代数据上方向一致",
    "same direction": "方向一致",
    "other direction": "方向相反",
    "not tested here": "此处未检验",
    "holds": "成立",
    "hold": "成立",
    "fails": "不成立",
    "fail": "不成立",
}


def chinese_totals(found):
    """`totals` in Chinese.

    >>> chinese_totals([Claim(id="C1", kind="identity", sentence="s", dataset="d", value=1, at_least=0)])
    '恒等式：1 条成立。'
    """
    sentences = []
    for title, counts in re.findall(r"(\w+): ([^.]+)\.", totals(found)):
        pairs = (count.partition(" ") for count in counts.split(", "))
        words = "，".join(f"{number} 条{CHINESE[word]}" for number, _, word in pairs)
        sentences.append(f"{CHINESE[title]}：{words}。")
    return "".join(sentences)
