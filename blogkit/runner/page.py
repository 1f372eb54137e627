"""One self-contained HTML page of all claims and notebooks, readable without a network."""

import base64
import dataclasses
import datetime
import hashlib
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from pygments.formatters import HtmlFormatter

from blogkit.report import Claim, totals, write_atomically
from blogkit.report.readable import bound_text
from blogkit.report.records_table import ThisRun
from blogkit.report.verdicts import KINDS, MARKS
from blogkit.runner.compare import text
from blogkit.runner.compare.comparison import Comparison
from blogkit.runner.notebook_html import notebook_html
from blogkit.runner.page_records import ShownRecords, shown_records
from blogkit.runner.parameters import parameters_of
from blogkit.runner.shown_claims import shown_claims

TEMPLATES = Path(__file__).with_name("templates")
TONES = {True: "good", False: "bad", None: "open"}  # the class of a claim that holds, fails, is not tested
CODE_STYLES = {"light": "xcode", "dark": "monokai"}  # the styles of pygments with the highest contrast


@dataclasses.dataclass(frozen=True)
class Entry:
    """An executed notebook with its result file, or a committed one without.

    Args:
        notebook: The `.ipynb` to show.
        result: What `Report.save` wrote when it ran; None when only the
            outputs in `notebook` are known.
        records: Folder of the recorded runs, if they are to be shown.
        lacks: The profile that was asked for and that the notebook has not run with.
    """

    notebook: Path
    result: dict | None = None
    records: Path | None = None
    lacks: str = ""


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
    records: ShownRecords | None

    @property
    def totals(self) -> str:
        """The verdicts of the notebook by kind of claim."""
        return totals(self.claims)


def write_page(entries: list[Entry], path: Path, comparison: Comparison | None = None) -> Path:
    """Write the page of `entries`, and of a comparison if there is one, to `path` and return it.

    The page loads nothing: images, styles and the font of the formulas are
    inside, formulas are MathML, `sanitize` leaves out of a notebook what would
    load, and `policy` has the browser refuse anything else.

    Raises:
        ValueError: If a formula cannot be converted; names it and the notebook. If a
            notebook or a result cannot be read; names it and the reason. If a record was
            edited by hand or lacks a figure.
        OSError: If the page cannot be written.
    """
    names = [entry.notebook.stem for entry in entries]
    sections = [_section(entry, names) for entry in entries]
    shown, script = style(), _read("page.js")
    html = (
        environment()
        .get_template("page.html.j2")
        .render(
            sections=sections,
            totals=totals([claim for section in sections for claim in section.claims]),
            kinds=KINDS,
            bound_text=bound_text,
            comparison=comparison,
            style=Markup(shown),
            script=Markup(script),
            policy=policy(shown, script),
        )
    )
    return write_atomically(path, html)


def _section(entry, names):
    name = entry.notebook.stem
    try:
        notebook = nbformat.read(entry.notebook, as_version=4)
    except Exception as error:  # nbformat raises many types
        raise ValueError(f"{entry.notebook} is not a notebook: {_reason(error)}") from error
    try:
        html = notebook_html(notebook, name, others=names)
    except ValueError as error:
        raise ValueError(f"{entry.notebook}: {error}") from error
    try:
        result = entry.result or (shown_claims(notebook) or [{}])[-1]
        claims = [Claim.from_dict(fields) for fields in result.get("claims", [])]
        data = [dict(found) for found in result.get("data", [])]
        run = ThisRun(claims, data, parameters_of(entry.notebook))
        facts = _facts(result, entry.lacks)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"the result of {entry.notebook} is damaged or of another version of blogkit "
            f"({_reason(error)}); run it again."
        ) from error
    return Section(
        name=name,
        title=Markup(html.title),
        body=Markup(html.body),
        article=_web_address(result.get("article")),
        claims=claims,
        facts=facts,
        parameters=result.get("parameters", {}),
        records=shown_records(entry.records, name, run),
    )


def _web_address(text):
    """`text` if a link may lead there, else None: the scheme may be that of a script."""
    return text if str(text).startswith(("https://", "http://")) else None


def _reason(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _facts(result, lacks):
    """Time, duration, backend, device and commit of the run, as far as the result file has them."""
    found = result.get("environment")
    if not found:
        return {"Outputs": f"as committed; not run with profile {lacks!r}" if lacks else "as committed"}
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


def environment() -> jinja2.Environment:
    """Loader of the templates, with the names that all of them use."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.globals |= {"tones": TONES, "marks": MARKS, "compared": text}
    return found


def policy(style: str, script: str | None = None) -> str:
    """The content security policy of a page whose only `<style>` is `style` and only `<script>` is `script`.

    The browser then refuses any request, form, base address, further style sheet and further script, even
    if a notebook's HTML brought one in.
    """
    rules = [
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; font-src data:",
        # Browsers that know neither of the last two take the first.
        f"style-src 'unsafe-inline'; style-src-elem {_hash(style)}; style-src-attr 'unsafe-inline'",
    ]
    return "; ".join(rules + ([f"script-src {_hash(script)}"] if script else []))


def _hash(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def style() -> str:
    """The styles of a page, with the font of its formulas inside."""
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
            _read("comparison.css"),
        ]
    )


def _read(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")
