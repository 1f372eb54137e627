"""What the READMEs say is so: commands, examples, table, links, pictures, layout."""

import base64
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from PIL import Image

import blogkit
from blogkit.datasets import mnist
from blogkit.report import CLAIMS_MIME
from blogkit.runner import main
from blogkit.runner.execute import Job, Outcome
from blogkit.runner.run import summary
from data_download.cli import main as data_download

ROOT = Path(__file__).parents[1]
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
PICTURES = sorted((ROOT / "docs" / "thumbnails").glob("*.png"))
READMES = {"README.md": "not there yet", "README.zh-CN.md": "尚未完成"}
COLUMNS = ("nb", "article", "notebook", "modules", "tests", "result", "time")
BOTH = pytest.mark.parametrize("readme", READMES)


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
    return re.findall(r'\]\(([^)]+)\)|src="([^"]+)"', source)


def relative_links(source):
    found = (markdown or html for markdown, html in links(source))
    return [link.partition("#")[0] for link in found if not re.match(r"https?:|#", link)]


def table(name):
    """The rows about articles, as dicts by column."""
    rows = re.findall(r"^\| \d\d \|.*\|$", text(name), re.MULTILINE)
    return [dict(zip(COLUMNS, map(str.strip, row[1:-1].split("|")), strict=True)) for row in rows]


def outputs(notebook):
    """(cell id, data) of every output in the committed notebook."""
    cells = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells
    return [(cell.id, o.get("data", {})) for cell in cells for o in cell.get("outputs", ())]


def claims(notebook):
    found = [data[CLAIMS_MIME]["claims"] for _, data in outputs(notebook) if CLAIMS_MIME in data]
    if not found:
        pytest.skip(f"{notebook} has no outputs yet: make refresh")
    return found[-1]


# How each command that is shown is checked. Nothing is installed, fetched or trained here.


def recipe(*expected):
    """A make target: its recipe, in a fresh clone, holds what is `expected`."""

    def check(command, tmp_path, monkeypatch, capsys):
        shutil.copy(ROOT / "Makefile", tmp_path)
        for name in ("pyproject.toml", "constraints.txt"):
            (tmp_path / name).touch()
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            monkeypatch.delenv(name, raising=False)
        dry = [*shlex.split(command), "--dry-run"]
        shown = subprocess.run(dry, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for part in expected:
            assert part in shown

    return check


def plans(command, tmp_path, monkeypatch, capsys):
    """`blogkit run` or `refresh`: names, parameters, profile and backend are valid ones."""
    planned = []

    def run(jobs, *rest, **options):
        planned.extend(jobs)
        return [Outcome(getattr(job, "name", ""), "skipped", 0.0) for job in jobs]

    monkeypatch.setattr("blogkit.runner.run.run", run)
    monkeypatch.setattr("blogkit.runner.refresh.refresh", run)
    succeeds(command, tmp_path, monkeypatch, capsys)
    assert planned


def succeeds(command, tmp_path, monkeypatch, capsys):
    """A `blogkit` command that is quick enough to run."""
    words = shlex.split(command)
    while "=" in words[0]:
        monkeypatch.setenv(*words.pop(0).split("=", 1))
    assert words[:3] == ["python", "-m", "blogkit"]
    monkeypatch.chdir(ROOT)
    assert main(words[3:]) == 0
    return capsys.readouterr().out


def lints(command, tmp_path, monkeypatch, capsys):
    """`blogkit check`; notebooks/test_contract.py asserts that it finds nothing."""
    monkeypatch.setattr("blogkit.runner.check.check_notebook", lambda path: [])
    assert "08_gradient_accumulation: ok" in succeeds(command, tmp_path, monkeypatch, capsys)


def lists(command, tmp_path, monkeypatch, capsys):
    shown = succeeds(command, tmp_path, monkeypatch, capsys)
    assert "Profiles: default, paper, smoke" in shown
    assert all(name in shown for name in NOTEBOOKS)


def prepares(command, tmp_path, monkeypatch, capsys):
    """papermill takes notebook and profile; notebooks/ also executes the result."""
    words = [str(tmp_path / w) if w == "out.ipynb" else w for w in shlex.split(command)]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--prepare-only"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    prepared = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert any("injected-parameters" in cell.metadata.get("tags", ()) for cell in prepared.cells)


def installs(command, tmp_path, monkeypatch, capsys):
    """Extras and files exist; test_environment.py resolves the command."""
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "pip", "install"]
    assert (ROOT / words[words.index("-c") + 1]).is_file()
    clone = next(word for word in words if word.startswith(".["))
    known = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    assert Requirement(clone.replace(".", "blogkit", 1)).extras <= set(known)


def installs_alone(command, tmp_path, monkeypatch, capsys):
    """What is left out stands in an extra of its own, all but TensorFlow."""
    name = shlex.split(command)[-1]
    extras = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    here = {Requirement(line).name for line in extras["bert-parts"]}
    needed = {Requirement(line) for line in metadata.requires(name)}
    needed = {need.name for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})}
    assert here == needed - {"keras", "numpy", "packaging", "tensorflow", "tensorflow-text"}


def activates(command, tmp_path, monkeypatch, capsys):
    if not (ROOT / ".venv").is_dir():
        pytest.skip("this environment was not made by `make`")
    line = f"{command} && python -c 'import sys; print(sys.prefix)'"
    done = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).samefile(ROOT / ".venv")


def conda(command, tmp_path, monkeypatch, capsys):
    """The file and the environment's name; test_environment.py resolves what is inside."""
    name = yaml.safe_load(text("environment.yml"))["name"]
    assert command in ("conda env create -f environment.yml", f"conda activate {name}")


def shows_data(command, tmp_path, monkeypatch, capsys):
    """A `data_download` command that fetches nothing."""
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "data_download"]
    assert data_download(words[3:]) == 0
    assert capsys.readouterr().out


def fetches(command, tmp_path, monkeypatch, capsys):
    """`get` would put the file where the reader looks for it."""

    def fetch(file, place, transfer):
        place.write_text(file.urls[0])

    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    monkeypatch.setattr("data_download.get.fetch", fetch)
    *start, name = shlex.split(command)
    with pytest.raises(FileNotFoundError, match=re.escape(command)) as error:
        mnist("official")
    assert start == ["python", "-m", "data_download", "get"]
    assert data_download(["get", name]) == 0
    assert error.value.path.read_text().startswith("https://")


def names_the_data_folder(command, tmp_path, monkeypatch, capsys):
    from blogkit.datasets.folder import DATA_VARIABLE

    assert command.startswith(f"export {DATA_VARIABLE}=")


CHECKS = {
    "make install": recipe('-e ".[tensorflow,bert,notebooks,test]"', "-c constraints.txt"),
    "make notebooks": recipe("python -m blogkit run"),
    "make test": recipe("python -m pytest"),
    "make lab": recipe("jupyter lab --notebook-dir notebooks"),
    "make report": recipe("python -m blogkit report"),
    "make refresh": recipe("python -m blogkit refresh"),
    "make constraints": recipe("uv pip compile", "-o constraints.txt"),
    'make notebooks EXTRAS=gpu,bert,notebooks RUN_FLAGS="--profile paper"': recipe(
        '-e ".[gpu,bert,notebooks]"', "python -m blogkit run --profile paper"
    ),
    "python -m blogkit run": plans,
    "python -m blogkit run --list": lists,
    "python -m blogkit run 08 -p epochs 8 -p seed 1": plans,
    "python -m blogkit run 08 -p dataset official": plans,
    "KERAS_BACKEND=jax python -m blogkit run --profile paper": plans,
    "python -m blogkit refresh 08": plans,
    "python -m blogkit check": lints,
    "python -m blogkit check 08": lints,
    "papermill notebooks/08_gradient_accumulation.ipynb out.ipynb -f notebooks/profiles/smoke.yaml": prepares,
    "source .venv/bin/activate": activates,
    "conda env create -f environment.yml": conda,
    "conda activate blogkit": conda,
    'python -m pip install -c constraints.txt ".[tensorflow]"': installs,
    'python -m pip install -c constraints.txt -e ".[jax,notebooks,bert-parts]" "jax[cuda12]"': installs,
    "python -m pip install -c constraints.txt --no-deps keras-hub": installs_alone,
    "export BLOGKIT_DATA=~/blogkit-data": names_the_data_folder,
    "python -m data_download list": shows_data,
    "python -m data_download info celeba": shows_data,
    "python -m data_download verify": shows_data,
    "python -m data_download get mnist": fetches,
}


def test_every_command_shown_is_checked_and_every_check_is_of_a_command_shown():
    assert {*commands("README.md"), *commands("CONTRIBUTING.md")} == set(CHECKS)


@pytest.mark.parametrize("command", CHECKS)
def test_command_does_what_is_said(command, tmp_path, monkeypatch, capsys):
    CHECKS[command](command, tmp_path, monkeypatch, capsys)


def test_examples_print_what_they_say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in blocks("README.md", "python"):  # one goes on where the last ended
        exec(compile(code, "README.md", "exec"), names)
        assert capsys.readouterr().out.splitlines() == re.findall("# prints: (.*)", code)


def test_both_languages_show_the_same_commands_examples_and_output():
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    assert blocks(english, "python") == blocks(chinese, "python")
    assert blocks(english, "text")[0] == blocks(chinese, "text")[0]


def table_rows(printed):
    """The rows of a printed table, each cell put together again from its wrapped lines."""
    rows = []
    for line in printed.splitlines():
        if line[:1] in ("│", "┃"):
            cells = [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]
            if cells[0]:
                rows.append(cells)
            else:
                rows[-1] = [f"{old} {more}".strip() for old, more in zip(rows[-1], cells)]
    return rows


def test_output_shown_is_what_the_committed_notebooks_found(tmp_path):
    jobs = [Job(path, tmp_path, {}, "tensorflow", "") for path in NOTEBOOKS.values()]
    for job in jobs:
        job.result.write_text(json.dumps({"claims": claims(job.name)}), encoding="utf-8")
    found = summary(jobs, [Outcome(job.name, "ran", 0.0) for job in jobs])
    shown = blocks("README.md", "text")[0]
    assert [row for row in table_rows(shown) if row not in table_rows(found)] == [], found
    assert shown.splitlines()[-1] in found.splitlines(), found


@BOTH
def test_table_lists_the_articles_that_are_cited(readme):
    cited = yaml.safe_load(text("CITATION.cff"))["references"]
    assert [row["nb"] for row in table(readme)] == [f"{n:02}" for n in range(1, 9)]
    for row, article in zip(table(readme), cited, strict=True):
        assert f"({article['url']})" in row["article"]
        assert row["article"].endswith(str(article["date-published"]))


@BOTH
def test_table_marks_exactly_the_notebooks_that_exist(readme):
    present = {}
    for row in table(readme):
        if row["notebook"] == READMES[readme]:
            assert [row[column] for column in COLUMNS[3:]] == [""] * 4
        else:
            present[Path(relative_links(row["notebook"])[0]).stem] = row
    assert list(present) == list(NOTEBOOKS)
    for name, row in present.items():
        assert name.startswith(row["nb"])
        assert all(row.values())
        assert re.search(rf'src="docs/thumbnails/{name}\.[\w-]+\.png"', row["notebook"])


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_table_counts_claims_and_quotes_the_time_as_the_notebook_does(notebook):
    row = next(row for row in table("README.md") if row["nb"] == notebook[:2])
    opening = nbformat.read(NOTEBOOKS[notebook], as_version=4).cells[0].source
    assert f"| {row['time']} |" in opening
    verdicts = [claim["verdict"] for claim in claims(notebook)]
    assert row["result"].startswith(f"{verdicts.count('true')} of {len(verdicts)} claims true")


def test_tables_of_both_languages_are_in_step():
    def facts(row):
        visible = re.sub(r"\]\([^)]*\)|<[^>]*>", " ", " ".join(row.values()))
        return sorted(links(" ".join(row.values()))), sorted(re.findall(r"\d[\d,.]*\d|\d", visible))

    english, chinese = (list(map(facts, table(readme))) for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_relative_links_lead_somewhere(name):
    assert [link for link in relative_links(text(name)) if not (ROOT / link).exists()] == []


def test_every_picture_is_shown():
    shown = {ROOT / link for link in relative_links(text("README.md")) if link.endswith(".png")}
    assert shown == set(PICTURES)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_picture_is_a_figure_of_the_committed_notebook(path):
    assert path.stat().st_size <= 40_000
    notebook, _, cell = path.stem.partition(".")
    claims(notebook)  # skips while there are no outputs
    figures = [data["image/png"] for id, data in outputs(notebook) if id == cell and "image/png" in data]
    figure = Image.open(io.BytesIO(base64.b64decode(figures[0]))).convert("RGB")
    picture = Image.open(path).convert("RGB")
    assert picture.width / picture.height == pytest.approx(figure.width / figure.height, rel=0.01)
    assert picture.width == 480  # twice what is shown
    expected = figure.resize(picture.size, Image.Resampling.LANCZOS)
    error = np.asarray(picture, int) - np.asarray(expected, int)
    # A palette rounds colours. A moved line differs by a hundred, and by ten in the mean square.
    assert np.abs(error).max() <= 25 and np.sqrt(np.mean(error**2)) <= 2


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
    for line in blocks(readme, "text")[-1].splitlines():
        folder, arrows = re.match(r" *(\w+)/(?: +-> (\w+(?:, \w+)*))?", line).groups()
        shown[folder] = set(arrows.split(", ")) if arrows else set()
    actual = {"blogkit": set(), "tests": set(), "notebooks": set(), "benchmarks": set()}
    for area in (path.parent for path in Path(blogkit.__file__).parent.glob("*/__init__.py")):
        sources = (path.read_text(encoding="utf-8") for path in area.rglob("*.py"))
        actual[area.name] = set().union(*map(imported_areas, sources)) - {area.name, "checks"}
    for path in (ROOT / "benchmarks").glob("*.py"):
        actual["benchmarks"] |= imported_areas(path.read_text(encoding="utf-8"))
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "data_download").rglob("*.py"))
    actual["data_download"] = set().union(*map(imported_areas, sources))
    for path in NOTEBOOKS.values():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                actual["notebooks"] |= imported_areas(cell.source)
    assert shown == actual


def test_citation_and_changelog_name_this_version():
    assert yaml.safe_load(text("CITATION.cff"))["version"] == blogkit.__version__
    assert f"## [{blogkit.__version__}]" in text("CHANGELOG.md")
