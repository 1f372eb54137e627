"""The report page in a real browser: its width, formulas, filters and links, and no request at all."""

import dataclasses
import json

import pytest
from chromium import chromium
from example_page import FORMULAS, example_entries
from example_record import write

from blogkit.runner.page import write_page


@pytest.fixture
def browser(tmp_path):
    with chromium(tmp_path) as found:
        yield found


def test_in_a_browser(tmp_path, browser):
    for profile in ("evening", "gpu", "paper"):
        records = write(tmp_path / "records", notebook="08_other", profile=profile).parent
    entries = [dataclasses.replace(entry, records=records) for entry in example_entries(tmp_path)]
    path = write_page(entries, tmp_path / "report.html")
    for width in (390, 1440):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == 390},
        )
        browser.get(path.as_uri())
        browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        fits_the_window(browser, width)
        shows_formulas(browser)
    filters_claims(browser)
    opens_the_notebook_a_link_leads_to(browser)
    made_no_request(browser, path)


def fits_the_window(browser, width):
    page, window = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert page <= window == width


def shows_formulas(browser):
    sizes = browser.execute_script("""
        return [...document.querySelectorAll("math")].map(m => {
          const box = m.getBoundingClientRect();
          return [box.width, box.height, getComputedStyle(m).display];
        })""")
    assert len(sizes) == 2 * (FORMULAS + 1)
    assert all(width > 3 and height > 3 and "math" in display for width, height, display in sizes)
    # A formula wider than the page scrolls in its own box, not with its whole cell.
    assert browser.execute_script("""
        const scrolls = box => box.scrollWidth > box.clientWidth;
        return [...document.querySelectorAll(".formula.block")].some(scrolls) &&
          ![...document.querySelectorAll(".text_cell_render")].some(scrolls)""")
    assert browser.execute_async_script("""
        const done = arguments[0];
        document.fonts.ready.then(f => done([...f].map(font => font.status)))""") == ["loaded"]


def filters_claims(browser):
    def choose(name, value):
        return browser.execute_script(
            """
            const [name, value] = arguments, field = document.querySelector(`[name=${name}]`);
            field.value = value;
            field.dispatchEvent(new Event("input", {bubbles: true}));
            return [[...document.querySelectorAll(".claims tbody tr")]
                      .filter(row => row.checkVisibility()).length,
                    document.getElementById("shown").textContent]""",
            name,
            value,
        )

    assert choose("words", "") == [4, "4 of 4 claims shown"]
    assert choose("words", "SMALL large") == [2, "2 of 4 claims shown"]
    assert choose("notebook", "08_other") == [1, "1 of 4 claims shown"]
    assert choose("verdict", "not reproduced") == [0, "0 of 4 claims shown"]
    assert choose("words", "准") == [0, "0 of 4 claims shown"]
    assert choose("verdict", "not tested here") == [1, "1 of 4 claims shown"]
    assert choose("kind", "article") == [0, "0 of 4 claims shown"]
    browser.execute_script("document.querySelector('[type=reset]').click()")
    assert choose("words", "") == [4, "4 of 4 claims shown"]


def opens_the_notebook_a_link_leads_to(browser):
    browser.execute_script("document.querySelectorAll('details').forEach(d => { d.open = false; })")
    shown = browser.execute_async_script("""
        const done = arguments[0], other = document.getElementById("08_other");
        addEventListener("hashchange", () => done(other.querySelector("details.notebook").open));
        document.querySelector('.index a[href="#08_other"]').click();""")
    assert shown


def made_no_request(browser, path):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
        and message["params"]["documentURL"] == path.as_uri()  # Chromium has pages of its own
    ]
    assert {url for url in asked if not url.startswith("data:")} == {path.as_uri()}
    assert browser.get_log("browser") == []  # nor refused by the page's policy
