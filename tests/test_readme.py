"""What the READMEs say is so: numbers, articles, links, pictures, layout, in both languages."""

import base64
import io
import json
import re
import runpy
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from PIL import Image
from readme import (
    CHINESE,
    NOTEBOOKS,
    READMES,
    ROOT,
    blocks,
    cards,
    chinese_totals,
    claims,
    commands,
    findings,
    links,
    numbers,
    outputs,
    printed,
    records,
    relative_links,
    table_rows,
    text,
    visible,
)

import blogkit
from blogkit.report import totals
from blogkit.runner.job import Job, Outcome
from blogkit.runner.run import summary

PICTURES = sorted((ROOT / "docs").glob("*/*.png"))
BOTH = pytest.mark.parametrize("readme", READMES)
UNDER_90_S = {"README.md": "under 90 s on two cores", "README.zh-CN.md": "双核机器上不到 90 秒"}
LONGER = {"05": {"README.md": "05 about two and a half minutes", "README.zh-CN.md": "05 约两分半钟"}}
TOTALS = {"README.md": totals, "README.zh-CN.md": chinese_totals}
RECORDED = {"README.md": "Recorded ({}, {}): {}", "README.zh-CN.md": "记录（{}，{}）：{}"}
VERDICTS = {"README.md": str.capitalize, "README.zh-CN.md": CHINESE.get}
OPEN_TO_ALL = {"checks", "extras", "files_read"}
# The claims behind each finding on top, and how the numbers said of a notebook follow from its claims,
# from what it prints, and from its records, which go first where there are some.
BEHIND = {"08": ("C1",), "06": ("C5", "C6"), "03": ("C9",)}
COMPUTED = {
    "01": lambda here, shown, record=None: [
        f"{number:.2f}" for number in (here["C15"].value, *here["C15"].interval)
    ],
    "02": lambda here, shown, record=None: [
        f"{here['C2'].value:.1f}",
        *(f"{number:.2f}" for number in (here["C6"].value, here["C6"].null, here["C7"].value)),
    ],
    "03": lambda here, shown, record=None: [
        *(f"{number:.0f}" for number in (here["C7"].value, -here["C9"].value, here["C10"].value)),
        str(here["C9"].seeds),
    ],
    "04": lambda here, shown, record: [
        str(len(record.seeds)),
        *(f"{record.claim(id).value:.2f}" for id in ("C6", "C7")),
        *re.search(r"(\d+) of (\d+) triples found", shown).groups(),
    ],
    "05": lambda here, shown, record=None: [
        *(f"{number:.0f}" for number in (here["C13"].value, here["C13"].null)),
        *(f"{number:.2f}" for number in (here["C18"].value, here["C18"].null)),
    ],
    "06": lambda here, shown, record=None: (
        [f"{here[id].value:.0f}" for id in ("C5", "C6", "C8")] + [str(here["C6"].seeds)]
    ),
    "07": lambda here, shown, record=None: [
        f"{number:.0f}" for number in (here["C4"].value, here["C4"].null, here["C6"].value, here["C6"].null)
    ],
    "08": lambda here, shown, record: [
        f"{here['C1'].value:.0e}",
        f"{record.data[0]['parts']['train']['rows']:,}",
        str(record.parameters["epochs"]),
        *(f"{number:.0f}" for number in (record.claim("C7").value, record.claim("C7").null)),
    ],
}


def test_both_languages_show_the_same_commands_examples_and_output():
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    assert blocks(english, "python") == blocks(chinese, "python")
    assert blocks(english, "text") == blocks(chinese, "text")


def test_both_languages_say_the_same_numbers_and_have_the_same_links():
    def facts(readme):
        prose = re.sub(r"^```.*?^```$", "", text(readme), flags=re.MULTILINE | re.DOTALL)
        others = {link for link in links(prose) if not link.startswith("#")} - set(READMES)
        return sorted(numbers(prose)), others

    english, chinese = map(facts, READMES)
    assert english == chinese


def test_totals_shown_are_those_of_the_committed_notebooks(tmp_path):
    jobs = [Job(path, tmp_path, {}, "tensorflow", "") for path in NOTEBOOKS.values()]
    for job in jobs:
        committed = [claim.to_dict() for claim in claims(job.name)]
        job.result.write_text(json.dumps({"claims": committed}), encoding="utf-8")
    found = summary(jobs, [Outcome(job.name, "ran", 0.0) for job in jobs])
    (shown,) = blocks("README.md", "text")
    assert shown.strip() in found


@BOTH
def test_commands_and_findings_come_before_the_first_section(readme):
    opening = text(readme).partition("\n## ")[0]
    assert "\nmake notebooks" in opening and "\nmake test" in opening
    assert findings(readme).keys() == BEHIND.keys()


@BOTH
@pytest.mark.parametrize("nb", BEHIND)
def test_finding_has_the_verdict_of_its_claims(readme, nb):
    (notebook,) = (name for name in NOTEBOOKS if name.startswith(nb))
    (verdict,) = {claim.verdict for claim in claims(notebook) if claim.id in BEHIND[nb]}
    assert findings(readme)[nb].startswith(f"**{VERDICTS[readme](verdict)}")


@BOTH
def test_cards_are_of_the_articles_that_are_cited_and_of_the_notebooks_that_exist(readme):
    cited = yaml.safe_load(text("CITATION.cff"))["references"]
    assert [card["nb"] for card in cards(readme)] == [f"{n:02}" for n in range(1, 9)]
    assert [Path(card["notebook"]).stem for card in cards(readme)] == list(NOTEBOOKS)
    for card, article in zip(cards(readme), cited, strict=True):
        assert (card["url"], card["date"]) == (article["url"], str(article["date-published"]))
        assert Path(card["picture"]).name.startswith(f"{Path(card['notebook']).stem}.")


@BOTH
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_numbers_said_of_a_notebook_are_those_that_it_found(readme, notebook):
    nb = notebook[:2]
    (card,) = (card for card in cards(readme) if card["nb"] == nb)
    assert card["totals"] == TOTALS[readme](claims(notebook))
    finding = re.sub(r"\[\d\d\]\([^)]*\)", "", findings(readme).get(nb, ""))
    said = numbers(card["found"] + finding)
    here = {claim.id: claim for claim in claims(notebook)}
    found = records(notebook)
    shown = "<br>".join(
        RECORDED[readme].format(record.profile, record.slug, TOTALS[readme](record.claims))
        for record in found
    )
    assert (card["recorded"] or "") == shown
    computed = COMPUTED[nb](here, printed(notebook), *found[-1:])
    everything = [*claims(notebook), *(claim for record in found for claim in record.claims)]
    quoted = (f"{claim.sentence} {claim.printed} {claim.dataset} {claim.remark}" for claim in everything)
    assert set(computed) <= set(said) <= set(computed) | set(numbers(" ".join(quoted)))


@BOTH
def test_time_of_a_notebook_is_the_one_that_it_states(readme):
    assert UNDER_90_S[readme] in text(readme)
    for times in LONGER.values():
        assert times[readme] in text(readme)
    for path in NOTEBOOKS.values():
        opening = nbformat.read(path, as_version=4).cells[0].source
        longer = LONGER.get(path.stem[:2])
        stated = f"{longer['README.md'][3:]} on two cores" if longer else UNDER_90_S["README.md"]
        assert f"| {stated} |" in opening


@BOTH
def test_no_cell_and_no_card_is_too_long_and_no_table_too_wide(readme):
    cells = [cell for row in table_rows(readme) for cell in row]
    assert [cell for cell in cells if len(visible(cell)) > 140] == []
    assert [card["found"] for card in cards(readme) if len(visible(card["found"])) > 140] == []
    assert max(map(len, table_rows(readme))) <= 4


@BOTH
def test_code_of_each_notebook_is_listed(readme):
    rows = [row for row in table_rows(readme) if re.fullmatch(r"\d\d", row[0])]
    assert [row[0] for row in rows] == [name[:2] for name in NOTEBOOKS]
    for _, places in rows:
        assert {Path(link).parts[0] for link in relative_links(places)} == {"blogkit", "tests"}


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_relative_links_lead_somewhere(name):
    assert [link for link in relative_links(text(name)) if not (ROOT / link).exists()] == []


def test_every_picture_is_shown():
    shown = {ROOT / link for link in relative_links(text("README.md")) if link.endswith(".png")}
    assert shown == set(PICTURES)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_picture_is_a_figure_of_the_committed_notebook(path):
    assert path.stat().st_size <= {"thumbnails": 40_000, "figures": 150_000}[path.parent.name]
    notebook, _, cell = path.stem.partition(".")
    claims(notebook)  # skips while there are no outputs
    figures = [data["image/png"] for id, data in outputs(notebook) if id == cell and "image/png" in data]
    figure = Image.open(io.BytesIO(base64.b64decode(figures[0]))).convert("RGBA")
    figure = Image.alpha_composite(Image.new("RGBA", figure.size, "white"), figure).convert("RGB")
    picture = Image.open(path).convert("RGB")
    assert picture.width / picture.height == pytest.approx(figure.width / figure.height, rel=0.01)
    assert picture.width == min({"thumbnails": 480, "figures": 1280}[path.parent.name], figure.width)
    expected = figure.resize(picture.size, Image.Resampling.LANCZOS)
    error = np.asarray(picture, int) - np.asarray(expected, int)
    # A palette rounds colours. A moved line differs by a hundred, and by ten in the mean square.
    assert np.abs(error).max() <= 25 and np.sqrt(np.mean(error**2)) <= 2
    drawn = Image.open(io.BytesIO(runpy.run_path(str(ROOT / "docs" / "thumbnails.py"))["picture"](path)))
    np.testing.assert_allclose(np.asarray(picture, int), np.asarray(drawn.convert("RGB"), int), atol=1)


def imported_areas(source):
    """The areas of blogkit that Python code imports from."""
    return {
        area
        for inside, whole in re.findall(
            r"^\s*from blogkit(?:\.(\w+)[\w.]*| import (?!__)(\w+)$)", source, re.MULTILINE
        )
        for area in (inside, whole)
        if area
    }


@BOTH
def test_layout_shows_every_area_and_every_arrow(readme):
    shown = {}
    for folder, imports, *_ in (row for row in table_rows(readme) if re.fullmatch(r"`\w+/`", row[0])):
        shown[folder.strip("`/")] = set(imports.split(", ")) if imports else set()
    actual = {"blogkit": set(), "tests": set(), "notebooks": set(), "benchmarks": set()}
    for area in (path.parent for path in Path(blogkit.__file__).parent.glob("*/__init__.py")):
        sources = (path.read_text(encoding="utf-8") for path in area.rglob("*.py"))
        actual[area.name] = set().union(*map(imported_areas, sources)) - {area.name, *OPEN_TO_ALL}
    for path in (ROOT / "benchmarks").glob("*.py"):
        actual["benchmarks"] |= imported_areas(path.read_text(encoding="utf-8"))
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "data_download").rglob("*.py"))
    actual["data_download"] = set().union(*map(imported_areas, sources)) - OPEN_TO_ALL
    for path in NOTEBOOKS.values():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                actual["notebooks"] |= imported_areas(cell.source) - OPEN_TO_ALL
    assert shown == actual


def test_citation_and_changelog_name_this_version():
    assert yaml.safe_load(text("CITATION.cff"))["version"] == blogkit.__version__
    assert f"## [{blogkit.__version__}]" in text("CHANGELOG.md")
