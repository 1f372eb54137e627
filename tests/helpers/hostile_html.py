"""Payloads that make a browser send requests, and a notebook that holds them in every place."""

import base64
import functools
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from blogkit.report import CLAIMS_MIME, Claim

MARKDOWN = (
    "![a](URL) ![b][r] ![c](//URL) <URL>\n\n[r]: URL",
    "[a](javascript:fetch('URL')) [b](data:text/html,<img/src=URL>) [c](<java\tscript:alert(1)> \"t\")",
    '![a](x "t\\" onerror=\\"fetch(\'URL\')") ![a" src="URL](x) <img alt="`" src="URL">`',
    '<div>\n\n**a** <meta http-equiv=refresh content="0; url=URL">\n\n</div>',
    '# <img src="URL"> <form action="URL"><button>a</button></form>\n\nSetext <img src="URL">\n====',
    '| a |\n|---|\n| <img src="URL"> |',
    '```html\n</pre><img src="URL">\n```\n\n    </code><img src="URL">',
    '`</code><img src="URL">` $x$ $\\text{</math><img src=URL>}$ ~~~~\n</pre><img src="URL">',
)
FILE = Path(__file__).with_suffix(".txt")  # a payload a line


@functools.cache
def payloads():
    """All payloads, in which URL stands for what they ask for."""
    return [*FILE.read_text(encoding="utf-8").splitlines(), *MARKDOWN]


class Addresses:
    """Payloads whose address names the place where they stand, for a log to show which has got through."""

    def __init__(self, host):
        self.host = host

    def one(self, number, place):
        """The payload `number` for one place."""
        return payloads()[number].replace("URL", f"{self.host}/{place}/{number}")

    def at(self, place):
        """All payloads for one place."""
        return [self.one(number, place) for number in range(len(payloads()))]

    def joined(self, place):
        """All payloads in one text."""
        return "\n".join(self.at(place))


def hostile_claims(addresses):
    """A claim whose every text is a payload, for each of them."""
    return [
        Claim(
            id=f"C{number}",
            kind="article",
            sentence=f"sentence {payload}",
            value=3,
            null=0,
            at_least=5,
            unit=payload,
            article=f"5 {payload}",
            dataset=f"digits {payload}",
            differs=f"because {payload}",
        ).to_dict()
        for number, payload in enumerate(addresses.at("claim"), 1)
    ]


def hostile_notebook(addresses):
    """A notebook with each payload in each place: cells of every kind, outputs of every kind, attributes."""
    cells = [new_markdown_cell(f"# Title {addresses.at('title')[0]}")]
    for number in range(len(payloads())):
        at = functools.partial(addresses.one, number)
        cells += [new_markdown_cell(at("markdown")), new_markdown_cell(f"Before {at('inline')} after.")]
        cells.append(new_raw_cell(at("raw"), metadata={"raw_mimetype": "text/html"}))
        cells.append(new_code_cell(at("source"), outputs=[*_outputs(at), *_images(at("attribute"))]))
        cells += _attributes(at("attribute"))
    claims = {"article": f'javascript:fetch("{addresses.host}/article")', "claims": hostile_claims(addresses)}
    cells.append(new_code_cell("report", outputs=[_shown({CLAIMS_MIME: claims, "text/plain": "claims"})]))
    return new_notebook(cells=cells)


def _shown(data, metadata=None):
    return new_output("display_data", data, metadata=metadata or {})


def _svg(payload):
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{payload}</svg>'


def _outputs(at):
    for kind in ("text/html", "text/markdown", "text/plain"):
        yield _shown({kind: at(kind.replace("/", "-"))})
    yield _shown({"text/latex": f"$x$ {at('latex')}"})
    yield _shown({"image/svg+xml": _svg(at("svg"))})
    yield _shown({"text/html": at("isolated")}, {"text/html": {"isolated": True}})
    for name in ("stdout", "stderr"):
        yield new_output("stream", name=name, text=at(name))
    lines = [f"\x1b[0;31m{at('traceback')}\x1b[0m", f'\x1b[38;2;1;2;3m">{at("coloured")}']
    yield new_output("error", ename=at("error"), evalue=at("error"), traceback=lines)


def _images(payload):
    """Images in whose attributes the payload stands."""
    quoted = f'"> {payload}'
    for kind in ("image/png", "image/gif", "image/jpeg"):
        shown = {kind: {"alt": quoted, "width": quoted, "height": quoted}, "filenames": {kind: quoted}}
        yield _shown({kind: f"iVBORw0KGgo={quoted}"}, shown)


def _attributes(payload):
    """Cells with a payload as an attachment and as a tag."""
    quoted = f'"> {payload}'
    svg = base64.b64encode(_svg(payload).encode()).decode()
    page = base64.b64encode(payload.encode()).decode()
    files = {
        "drawing": {"image/svg+xml": svg},
        "page": {'text/html;x="': page + quoted},
        quoted: {"a/b": page},
    }
    text = f"![a](attachment:drawing) ![a](attachment:page) ![a](attachment:{quoted})"
    yield new_markdown_cell(text, attachments=files)
    tag = quoted.replace(",", ";")  # the format allows no comma in a tag
    yield new_code_cell("1", metadata={"tags": ["hide-input", tag], "alt": quoted})
