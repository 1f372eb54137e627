"""What `python -m blogkit compare` prints and writes: text, JSON, a page, a section of the report."""

import json
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from two_runs import IDENTITY, NAME, SINGLE, claim, claims, on_jax, result, show_claims, write

from blogkit.runner.compare.comparison import compare

LONG = "a sentence with <b>markup</b> & so many words that no terminal shows all of them in one narrow column"


@pytest.fixture
def sides(clone, tmp_path):
    """Folders `a`, and `b`: on JAX, with a broken identity, another loss, no C4 and a claim of its own."""
    clone.add(NAME)
    broken = claim(**IDENTITY | {"value": 3e-3})
    loss = claim(**SINGLE | {"value": 1.31})
    own = claim(id="C5", kind="finding", sentence=LONG, value=2, null=1, at_least=1)
    write(tmp_path / "a", result())
    write(tmp_path / "b", on_jax(claims=[broken, claims()[1], loss, own]))
    return tmp_path


def test_prints_claims_causes_and_a_summary_in_the_last_line(blogkit, sides):
    code, out, err = blogkit("compare", sides / "a", sides / "b")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[-1] == (
        "5 claims: 1 equal, 3 explained, 1 broken; the verdict is the same in 2. "
        "An identity holds on one side alone."
    )
    for words in ("2 × 10⁻⁷", "0.003", "fails", "explained: backend", "only A has", "only B has", "0.06"):
        assert words in out
    assert max(map(len, lines)) <= 120
    causes = out.partition("Causes\n")[2]
    assert "backend" in causes and "A tensorflow  B jax" in causes
    assert "numpy" not in causes and "device" not in causes  # equal


def test_the_same_run_says_that_nothing_differs(blogkit, sides):
    code, out, _ = blogkit("compare", sides / "a" / f"{NAME}.json", sides / "a")
    assert code == 0
    assert "Causes: nothing else differs." in out
    assert out.endswith(
        "4 claims: 4 equal; the verdict is the same in 4. No difference is without a cause.\n"
    )


def test_what_is_not_recorded_is_listed_as_such(blogkit, sides):
    bare = result()
    del bare["environment"], bare["data"]
    path = write(sides / "bare", bare)
    code, out, _ = blogkit("compare", sides / "a", path)
    assert code == 0
    assert "Not recorded on at least one side: backend, device, system, commit, data, versions." in out


def test_a_run_that_failed_on_one_side_is_a_fault(clone, sides, blogkit):
    path = clone.add(NAME).rename(sides / f"{NAME}.failed.ipynb")
    show_claims(path, claims(), error="shapes do not fit")
    code, out, _ = blogkit("compare", sides / "a", path)
    assert code == 1
    assert "B failed: AssertionError: shapes do not fit" in out
    assert f"Failed on one side alone: {NAME}." in out


def test_json_keeps_its_names(clone, blogkit, sides):
    code, out, _ = blogkit("compare", sides / "a", sides / "b", "--json", "-")
    found = json.loads(out)
    assert code == found["exit_code"] == 1
    assert set(found) == {"a", "b", "exit_code", "summary", "counts", "only_a", "only_b", "notebooks"}
    (notebook,) = found["notebooks"]
    assert set(notebook) == {"notebook", "a", "b", "causes", "claims"}
    assert set(notebook["a"]) == {"source", "started", "seconds", "backend", "device", "commit", "error"}
    assert set(notebook["causes"][0]) == {"group", "name", "a", "b", "explains", "note"}
    both = {"id", "kind", "sentence", "unit", "a", "b"}
    judged = {"difference", "tolerance", "within", "outcome", "causes", "note"}
    assert all(set(fields) == both | judged for fields in notebook["claims"])
    assert set(notebook["claims"][0]["a"]) == {"id", "value", "interval", "seeds", "verdict"}
    assert [fields["outcome"] for fields in notebook["claims"]] == [
        "broken",
        "equal",
        "explained",
        "explained",
        "explained",
    ]
    assert notebook["claims"][3]["b"] is None and notebook["claims"][4]["a"] is None
    assert blogkit("compare", sides / "a", sides / "b", "--json", sides / "x.json")[1].startswith("A: ")
    assert json.loads((sides / "x.json").read_text(encoding="utf-8")) == found
    same = compare(sides / "a", sides / "b", clone.project).to_dict()
    assert same == found


def test_the_page_loads_nothing_and_shows_every_claim(blogkit, sides):
    path = sides / "new" / "page.html"
    assert blogkit("compare", sides / "a", sides / "b", "--html", path)[0] == 1
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    assert not page.find_all(["script", "link", "iframe", "img"])
    section = page.find("section", id="comparison")
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])]
        for row in section.select(".compared:not(.causes) tbody tr")
    ]
    assert rows[2] == [
        "C3 loss falls article",
        "1.25 ✔ same direction one seed",
        "1.31 ✔ same direction one seed",
        "0.06",
        "explained: backend single values differ",
    ]
    assert len(rows) == 5 and LONG in rows[4][0]  # escaped, whole
    causes = [row.get_text(" ", strip=True) for row in section.select(".causes tbody tr")]
    assert causes[0] == "backend tensorflow jax"
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))


def test_the_report_shows_the_comparison_as_a_section(clone, blogkit, sides):
    code, out, _ = blogkit("report", "--compare", sides / "a", sides / "b")
    assert code == 0
    page = BeautifulSoup((clone.root / "runs/report.html").read_text(encoding="utf-8"), "html.parser")
    assert page.find("section", id="comparison").h2.get_text() == "Two runs compared"
    assert page.select_one('nav a[href="#comparison"]')
    assert not page.select("#comparison .claims")  # which the filter of the page would hide
    blogkit("report")
    assert (
        "comparison"
        not in BeautifulSoup(
            (clone.root / "runs/report.html").read_text(encoding="utf-8"), "html.parser"
        ).body.get_text()
    )


def test_a_file_that_cannot_be_written_is_named(blogkit, sides):
    (sides / "file").write_text("")
    code, _, err = blogkit("compare", sides / "a", sides / "b", "--html", sides / "file" / "page.html")
    assert code == 2 and "cannot write" in err and err.count("\n") == 1


def test_help_states_the_rule_without_loading_notebook_tools():
    code = (
        "import sys\nfrom blogkit.runner import main\n"
        "try: main(['compare', '--help'])\nexcept SystemExit: pass\n"
        "print({'papermill', 'keras', 'nbformat', 'rocrate'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.endswith("set()\n"), answer.stderr
    for word in ("equal", "within", "explained", "unexplained", "broken", "exit code", "fingerprints"):
        assert word in answer.stdout
