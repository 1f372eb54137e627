"""One self-contained HTML page of all claims and notebooks, readable without a network."""

import base64
import collections
import dataclasses
import datetime
import hashlib
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from pygments.formatters import HtmlFormatter

from blogkit.report import CLAIMS_MIME, Claim, write_atomically
from blogkit.report.readable import bound_text
from blogkit.report.tables import MARKS
from blogkit.runner.notebook_html import notebook_html

TEMPLATES = Path(__file__).with_name("templates")
CODE_STYLES = {"light": "xcode", "dark": "monokai"}  # the styles of pygments with the highest contrast


@dataclasses.dataclass(frozen=True)
class Entry:
    """An executed notebook with its result file, or a committed one without.

    Args:
        notebook: The `.ipynb` to show.
        result: What `Report.save` wrote when it ran; None when only the
            outputs in `notebook` are known.
    """

    notebook: Path
    result: dict | None = None


@dataclasses.dataclass(frozen=True)
class Section:
    """What the template shows of one entry; `title` and `body` are HTML."""

    name: str
    title: Markup
    body: Markup
    article: str | None
    claims: list[Claim]
    facts: dict[str, str]
    parameters: dict

    @property
    def verdicts(self) -> dict[str, int]:
        """Number of claims by verdict, without verdicts that do not occur."""
        return _counts(self.claims)


def write_page(entries: list[Entry], path: Path) -> Path:
    """Write the page of `entries` to `path` and return it.

    The page loads nothing: images, styles and the font of the formulas are
    inside, formulas are MathML, and a content security policy has the browser
    refuse anything else.

    Raises:
        ValueError: If a formula cannot be converted; names it and the notebook.
    """
    names = [entry.notebook.stem for entry in entries]
    sections = [_section(entry, names) for entry in entries]
    script = _read("page.js")
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            sections=sections,
            verdicts=_counts([claim for section in sections for claim in section.claims]),
            marks=MARKS,
            bound_text=bound_text,
            style=Markup(_style()),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    return write_atomically(path, html)


def _section(entry, names):
    name = entry.notebook.stem
    notebook = nbformat.read(entry.notebook, as_version=4)
    result = entry.result or _recorded(notebook)
    try:
        html = notebook_html(notebook, name, others=names)
    except ValueError as error:
        raise ValueError(f"{entry.notebook}: {error}") from error
    return Section(
        name=name,
        title=Markup(html.title),
        body=Markup(html.body),
        article=result.get("article"),
        claims=[Claim.from_dict(fields) for fields in result.get("claims", [])],
        facts=_facts(result),
        parameters=result.get("parameters", {}),
    )


def _recorded(notebook):
    """The last claims among the outputs of `notebook`; empty if there are none."""
    bundles = [
        output.data[CLAIMS_MIME]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if CLAIMS_MIME in output.get("data", {})
    ]
    return bundles[-1] if bundles else {}


def _counts(claims):
    found = collections.Counter(claim.verdict for claim in claims)
    return {verdict: found[verdict] for verdict in MARKS if found[verdict]}


def _facts(result):
    """Time, duration, backend, device and commit of the run, as far as the result file has them."""
    found = result.get("environment")
    if not found:
        return {"Outputs": "as committed"}
    started = datetime.datetime.fromisoformat(result["started"])
    version = found["versions"].get(found["backend"], "")
    facts = {
        "Ran": f"{started:%Y-%m-%d %H:%M} UTC",
        "Took": f"{result['seconds']:.0f} s",
        "Backend": f"{found['backend']} {version}".strip() if found["backend"] else None,
        "Device": found["device"],
        "Commit": found["commit"],
    }
    return {label: value for label, value in facts.items() if value}


def _environment():
    loader = jinja2.FileSystemLoader(TEMPLATES)
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _style():
    font = base64.b64encode((TEMPLATES / "STIXTwoMath.woff2").read_bytes()).decode()
    light, dark = (
        HtmlFormatter(style=CODE_STYLES[scheme]).get_style_defs(".highlight") for scheme in ("light", "dark")
    )
    return "\n".join(
        [
            f'@font-face {{ font-family: "STIX Two Math"; src: url(data:font/woff2;base64,{font}); }}',
            f"@media not (prefers-color-scheme: dark) {{\n{light}\n}}",
            f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}",
            _read("page.css"),
        ]
    )


def _read(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")
