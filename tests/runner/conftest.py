"""Small clones: folders with notebooks that run in about a second."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from blogkit.runner import main
from blogkit.runner.project import Project

PARAMETERS = """\
seed: int = 0  # of everything, at least 0
rate: float = 0.1  # learning rate, more than 0
dataset: str = "embedded"  # what to read
sizes: list[int] = [1, 2]  # widths
fast: bool = False  # leave out the slow part"""

REPORT = """\
from blogkit.report import Report
report = Report({name!r}, article="https://kexue.fm/archives/6794", parameters=dict(seed=seed, rate=rate))"""

CLAIM = """\
report.claim("C1", "two and two make four", 4, kind="identity", at_least=4, at_most=4, dataset="arithmetic")
report"""


class Clone:
    """A folder with `notebooks/`, `notebooks/profiles/` and `constraints.txt`."""

    def __init__(self, root: Path):
        self.root = root
        (root / "notebooks" / "profiles").mkdir(parents=True)
        (root / "constraints.txt").write_text("numpy==2.0\n")

    def add(self, name: str, *sources: str, parameters=PARAMETERS, save=True) -> Path:
        """A notebook: parameters, a report, `sources`, and `report.save()`."""
        cells = [
            new_markdown_cell(f"# Title of {name}"),
            new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        ]
        if save:
            cells.append(new_code_cell(REPORT.format(name=name)))
        cells += [new_code_cell(source) for source in sources]
        if save:
            cells.append(new_code_cell("report.save();"))
        for number, cell in enumerate(cells):
            cell.id = f"cell-{number}"
        notebook = new_notebook(
            cells=cells,
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "language_info": {"name": "python"},
            },
        )
        path = self.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def profile(self, name: str, text: str):
        (self.root / "notebooks" / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def result(self, name: str, profile="default") -> dict:
        path = self.root / "runs" / profile / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def project(self) -> Project:
        return Project(self.root)


@pytest.fixture
def clone(tmp_path):
    """An empty clone in a folder whose name has a space, braces and Chinese characters."""
    return Clone(tmp_path / "a {clone} 克隆 {0}")


@pytest.fixture
def blogkit(clone, capfd):
    """Function from arguments to (exit code, stdout, stderr) of `python -m blogkit` on `clone`."""

    def call(*arguments):
        capfd.readouterr()
        code = main(["--root", str(clone.root), *map(str, arguments)])
        return code, *capfd.readouterr()

    return call
