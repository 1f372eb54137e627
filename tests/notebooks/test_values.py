"""Wrong values and missing data are told by the first cells of every notebook, before any work."""

import ast
import json
import os
import subprocess
import sys

import nbformat
import pytest
from every_notebook import EVERY_NOTEBOOK, NOTEBOOKS

import blogkit.datasets
from blogkit.runner.parameters import parameters_of, resolve
from blogkit.runner.project import Project, UsageError

FIRST_CELLS = 7  # by then all data are read
NO_READERS = {
    "MissingDataset",
    "distinct_reviews",
    "generated_questions",
    "generated_triples",
    "head_language",
    "patches",
}
NUMBERS = ("int", "float")

# Runs the code cells of each notebook with the given values up to the first error; Keras is imported once.
UP_TO_THE_ERROR = """\
import json, sys
import nbformat
for path, values in json.load(sys.stdin).items():
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    names = {}
    for number, cell in enumerate(cells, 1):
        try:
            exec(compile(cell.source, f"cell {number}", "exec"), names)
        except Exception as error:
            print(json.dumps([number, type(error).__name__, str(error)]))
            break
        names.update(values if number == 1 else {})
"""
# Runs the cell of parameters, then the next one, in IPython with other values; nothing heavy is imported.
CHECKED_BY_ITSELF = """\
import builtins, io, json, sys
from contextlib import redirect_stdout
import nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
imports = builtins.__import__
def light(name, *rest):
    assert name != "keras", "imported before the check"
    return imports(name, *rest)
for path, values in json.load(sys.stdin).items():
    first, second = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"][:2]
    builtins.__import__ = light
    with redirect_stdout(io.StringIO()):
        for source in (first, "\\n".join(f"{name} = {value!r}" for name, value in values.items()), second):
            result = shell.run_cell(source, store_history=True)
    builtins.__import__ = imports
    print(json.dumps([type(result.error_in_exec).__name__, str(result.error_in_exec)]))
"""


def answers(script, values, **variables):
    """One answer of `script` for each notebook, given `values` for its parameters."""
    request = {str(notebook): values[notebook.stem] for notebook in NOTEBOOKS}
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        env=os.environ | variables,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return dict(zip(values, lines, strict=True))


@EVERY_NOTEBOOK
def test_every_number_has_a_range(notebook):
    without = [
        name
        for name, parameter in parameters_of(notebook).items()
        if parameter.type in NUMBERS and not parameter.range.text
    ]
    assert without == []


@pytest.mark.parametrize("text", ["-1e9", "-1", "nan", "inf", "1.5", "one", ""])
@EVERY_NOTEBOOK
def test_no_number_takes_any_value(notebook, text, root):
    """Of each number at least one of these is refused, in one line with value, type, range and default."""
    project = Project(root)
    for name, parameter in parameters_of(notebook).items():
        if parameter.type not in NUMBERS or (parameter.type == "float" and text == "1.5"):
            continue
        with pytest.raises(UsageError) as error:
            resolve([notebook], project, "default", [(name, text)])
        said = (
            f"parameter {name!r} takes {parameter.type}, {parameter.range.text}, default {parameter.default}"
        )
        assert str(error.value).startswith(f"{said}, but -p gives "), name


@pytest.mark.parametrize("profile", ["default", "smoke", "evening", "gpu", "paper"])
def test_defaults_and_profiles_lie_within_the_ranges(root, profile):
    project = Project(root)
    resolve(project.all_notebooks(), project, profile, [])  # raises nothing


def test_every_notebook_checks_its_own_values_before_it_imports_keras():
    """papermill and JupyterLab know no ranges."""
    values = {notebook.stem: {"seed": -1} for notebook in NOTEBOOKS}
    for name, (kind, message) in answers(CHECKED_BY_ITSELF, values).items():
        assert kind == "ValueError" and message.startswith("parameter 'seed' takes int, 0 to "), (
            name,
            message,
        )


def test_with_the_paper_profile_missing_data_are_told_by_the_first_cells(root, tmp_path):
    project = Project(root)
    values = resolve(project.all_notebooks(), project, "paper", [])
    for name, (cell, kind, message) in answers(UP_TO_THE_ERROR, values, BLOGKIT_DATA=str(tmp_path)).items():
        assert cell <= FIRST_CELLS and kind == "MissingDataset", (name, cell, kind, message)
        assert "python -m data_download" in message, (name, message)


@EVERY_NOTEBOOK
def test_readers_are_called_in_the_first_cells_alone(notebook):
    readers = set(blogkit.datasets.__all__) - NO_READERS
    cells = [cell for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    used = {}  # of each reader, the first cell; 05 reads a folder of its own making, too
    for number, cell in enumerate(cells, 1):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name) and node.id in readers:
                used.setdefault(node.id, number)
    assert used and max(used.values()) <= FIRST_CELLS, used


@pytest.mark.parametrize(
    ("notebook", "given", "said"),
    [
        ("03", {"ptb_chunk": "7"}, "divides ptb_embedding, default 8, but -p gives 7 with ptb_units=128"),
        ("03", {"ptb_units": "100"}, "but the notebook gives 8 with ptb_units=100, ptb_embedding=128"),
        ("04", {"triple_heads": "5"}, "divides triple_dim, default 4, but -p gives 5 with triple_dim=48"),
        ("04", {"triple_dilations": "1,2,"}, "each at least 1"),
        ("04", {"triple_dropout": "1"}, "at least 0, less than 1"),
        ("04", {"triple_ablations": "object"}, "any of: subject, priors"),
        ("05", {"bert_frozen": 6}, "bert_frozen' takes int, at least 0, less than bert_layers"),
        ("06", {"prior_dim": "50"}, "a multiple of 4"),
        (
            "06",
            {"picture_rows": "16"},
            "at least picture_batch, or 0 for all of a set, default 1500, but -p gives 16",
        ),
        ("06", {"vq_pictures": "photos"}, "any of: photographs, cifar10, orl_faces, celeba"),
        ("07", {"sql_heads": "3"}, "divides sql_dim"),
        ("08", {"steps_per_update": "25"}, "a multiple of 10"),
        ("08", {"pictures_of": "fashion"}, "one of: mnist (digits), fashion_mnist (clothes)"),
        ("08", {"epochs": "-1"}, "'epochs' takes int, at least 1, default 3, but -p gives -1."),
    ],
)
def test_combinations_that_a_notebook_would_reject_late(root, notebook, given, said):
    project = Project(root)
    with pytest.raises(UsageError) as error:
        resolve(project.select([notebook]), project, "default", list(given.items()))
    assert said in str(error.value) and "\n" not in str(error.value)
