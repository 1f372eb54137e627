"""The catalogue says which notebooks read a set, and with which profiles: compared with the notebooks."""

import ast
import json
import re

import pytest
import yaml

from blogkit.datasets.catalogue import catalogue, data_set
from data_download.cli import main

# Sets whose files readers of other names read, and the word for a set in a notebook's parameters.
READERS = {"chinese_bert": {"bert_vocabulary", "bert_weights"}, "ptb_package": {"ptb"}}
READERS["multilingual_bert"] = {"bert_weights", "multilingual_bert"}
WORDS = {"mnist": "digits"}
NAMES = [f"{number:02}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def sources(pytestconfig):
    """The code of each notebook by its number."""
    found = {}
    for path in sorted((pytestconfig.rootpath / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        found[path.name[:2]] = code
    return found


@pytest.fixture(scope="module")
def used(sources):
    """Names that the code of each notebook uses, besides importing them."""
    return {number: set().union(*map(names_in, cells)) for number, cells in sources.items()}


def names_in(cell):
    tree = ast.parse(re.sub(r"(?m)^\s*[%!].*", "", cell))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


def readers(entry):
    return READERS.get(entry.name, {entry.reader})


def test_every_notebook_is_there(sources):
    assert list(sources) == NAMES


@pytest.mark.parametrize("name", catalogue())
def test_a_set_names_the_notebooks_that_read_it(used, name):
    entry = data_set(name)
    found = [number for number, names in used.items() if readers(entry) & names]
    assert list(entry.notebooks) == found


def parameters(cells):
    """`{name: (default, help)}` of the cell of parameters."""
    pattern = r'(?m)^(\w+): str = "([^"]*)"  # (.*)$'
    return {name: (value, text) for cell in cells for name, value, text in re.findall(pattern, cell)}


def needed(entry, cells, profile):
    """Whether a notebook with a profile reads the official set."""
    asked = {name: profile.get(name, value) for name, (value, _) in parameters(cells).items()}
    if entry.name == "chinese_bert":
        return asked.get("weights") == "official"
    if entry.name == "multilingual_bert":  # comes with the installation
        return False
    word = WORDS.get(entry.name, entry.name)
    chosen_by = [
        name
        for name, (_, text) in parameters(cells).items()
        if name != "dataset" and {entry.name, word} & set(re.findall(r"\w+", text))
    ]
    chosen = [asked[name].replace(" ", "").split(",") for name in chosen_by]
    return asked.get("dataset") == "official" and all({entry.name, word} & set(names) for names in chosen)


def test_a_set_names_the_profiles_that_read_it(sources, used, root):
    paths = list((root / "notebooks" / "profiles").glob("*.yaml"))
    assert len(paths) >= 4
    for path in paths:
        asked = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = {
            entry.name
            for entry in catalogue().values()
            for number, cells in sources.items()
            if entry.reader and readers(entry) & used[number] and needed(entry, cells, asked)
        }
        assert found == {entry.name for entry in catalogue().values() if path.stem in entry.profiles}, path


def test_the_list_names_the_notebooks(capsys):
    main(["list"])
    shown = capsys.readouterr().out
    assert "01, 02, 06, 08" in shown and "05, 07" in shown


def test_a_profile_gets_what_it_needs(capsys, monkeypatch):
    asked = []
    monkeypatch.setattr("data_download.cli.get", lambda entry, transfer, accept: asked.append(entry.name))
    assert main(["get", "--profile", "paper"]) == 0
    paper = [entry.name for entry in catalogue().values() if "paper" in entry.profiles]
    assert asked == paper and len(paper) > 9
    assert f"profile paper: here: {', '.join(paper)}; missing: none\n" in capsys.readouterr().out
    asked.clear()
    assert main(["get", "mnist", "--profile", "smoke"]) == 0 and asked == ["mnist"]
    assert main(["get"]) == 2
    assert "`get` needs the NAME of a set or --profile" in capsys.readouterr().err
    assert main(["get", "--profile", "papper"]) == 2
    assert "There is no profile 'papper'. The closest name: paper." in capsys.readouterr().err


def test_a_profile_says_what_is_missing(capsys, toys, server, monkeypatch):
    monkeypatch.setattr("data_download.cli.profile_sets", lambda name: [toys, data_set("celeba")])
    assert main(["get", "--profile", "paper"]) == 1
    assert "profile paper: here: toys; missing: celeba\n" in capsys.readouterr().out
