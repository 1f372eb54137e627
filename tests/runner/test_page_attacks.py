"""A hostile notebook on the report page in a real browser, which sends nothing."""

import http.server
import threading

import nbformat
import pytest
from chromium import chromium
from example_record import PNGS, record
from hostile_html import Addresses, hostile_claims, hostile_notebook, payloads

from blogkit.report import Claim
from blogkit.runner.page import Entry, write_page
from blogkit.runner.record_files import replace_record

HOST = "attack.test"
CLICKS = """
const shown = [...document.querySelectorAll("body *")].filter(found => !found.closest("a[href^='http']"));
document.querySelectorAll("details").forEach(found => { found.open = true; });
for (const found of shown)
  for (const kind of ["mouseover", "focus", "mousedown", "mouseup", "click", "submit", "toggle"])
    found.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
for (const form of document.forms) { form.requestSubmit(); form.submit(); }
return [shown.length, document.querySelectorAll("details.notebook :is(form, button, input, select)").length];
"""
# What the sanitizer would have let through, put into the page by a test.
LET_THROUGH = """
const place = document.createElement("div");
place.innerHTML = `<img src="URL/a"><base href="URL/b/"><link rel=stylesheet href="URL/c">
  <iframe src="URL/d"></iframe><object data="URL/e"></object><video src="URL/f"></video>
  <p style="background: url(URL/g)">a</p><style>p { background: url(URL/h) }</style>
  <form id=evil action="URL/i"><button id=press formaction="URL/j">a</button></form>
  <img src=x onerror="document.title = 'ran'"><a id=script href="javascript:document.title = 'ran'">a</a>`;
document.body.append(place);
document.getElementById("press").click();
document.getElementById("evil").submit();
document.getElementById("script").click();
"""


@pytest.fixture
def server(tmp_path):
    """A server of `tmp_path` that keeps the first line of every request in `asked`."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=tmp_path)

        def log_request(self, *_):
            asked.append(self.requestline)

        log_error = log_request

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        found.asked = asked
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def browser(tmp_path, server):
    """Chromium that knows the hosts of this test alone, all of them `server`, and logs what it looks up."""
    port = server.server_address[1]
    with chromium(
        tmp_path,
        f"--host-resolver-rules=MAP *.test 127.0.0.1:{port}, MAP * ~NOTFOUND",
        f"--log-net-log={tmp_path / 'net.json'}",
        "--net-log-capture-mode=Everything",
    ) as found:
        yield found


def hostile_entry(folder):
    addresses = Addresses(f"http://{HOST}")
    nbformat.write(hostile_notebook(addresses), folder / "01_one.ipynb")
    first = addresses.joined("record")
    texts = dict(system=first, device=first, versions={"jax": first}, parameters={"rate": first})
    claims = tuple(Claim.from_dict(fields) for fields in hostile_claims(addresses)[:1])
    made = record(PNGS, **texts, overrides={"rate": first}, claims=claims, slug="gpu")
    replace_record(folder / "records", made, PNGS)
    return Entry(folder / "01_one.ipynb", records=folder / "records")


def test_the_page_of_a_hostile_notebook_asks_for_nothing(tmp_path, server, browser):
    assert len(payloads()) >= 40
    write_page([hostile_entry(tmp_path)], tmp_path / "report.html")
    port = server.server_address[1]
    browser.get(f"http://page.test:{port}/report.html")
    elements, fields = browser.execute_script(CLICKS)
    assert elements > 10_000 and fields == 0
    assert browser.execute_async_script("setTimeout(arguments[0], 1000)") is None
    assert browser.current_url.partition("#")[0] == f"http://page.test:{port}/report.html"
    assert server.asked == ["GET /report.html HTTP/1.1"]
    browser.execute_script(LET_THROUGH.replace("URL", "http://policy.test"))
    assert browser.execute_async_script("setTimeout(arguments[0], 1000)") is None
    assert server.asked == ["GET /report.html HTTP/1.1"]
    assert browser.title == "blogkit: claims and notebooks"
    browser.quit()
    asked_of = (tmp_path / "net.json").read_text(encoding="utf-8", errors="replace")
    assert "page.test" in asked_of and HOST not in asked_of  # no name was looked up either
