import nbformat
import pytest
from nbformat.v4 import new_output

import blogkit as package
from blogkit.runner.fingerprint import fingerprint
from blogkit.runner.fingerprint import sources as parts_of


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A folder that stands for blogkit's sources."""
    folder = tmp_path / "blogkit"
    (folder / "ops").mkdir(parents=True)
    for name in ("__init__.py", "ops/__init__.py", "ops/cumax.py"):
        (folder / name).write_text(name)
    monkeypatch.setattr(package, "__file__", str(folder / "__init__.py"))
    return folder


@pytest.fixture
def digest(clone, sources):
    """Function that takes the fingerprint of one notebook anew."""
    path = clone.add("01_one", "1 + 1")

    def digest(parameters=None, backend="jax"):
        return fingerprint(parts_of(path, parameters or {"seed": 1}, backend, clone.root))

    digest.path = path
    return digest


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_changes_with_parameters_and_backend(digest):
    assert digest() == digest()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    different = [
        digest(),
        digest({"seed": 2}),
        digest({"seed": "1"}),
        digest({"seed": True}),
        digest({"seed": 1.0}),
        digest({"rate": 1}),
        digest(backend="torch"),
    ]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    "change",
    [
        lambda notebook: notebook.cells[-1].update(source="2"),
        lambda notebook: notebook.cells[0].update(source="# other prose"),
        lambda notebook: notebook.cells.pop(),
        lambda notebook: notebook.cells.reverse(),
        lambda notebook: notebook.cells[1].metadata.update(tags=[]),
    ],
    ids=["code", "prose", "removed", "order", "tags"],
)
def test_changes_with_the_notebook(digest, change):
    before = digest()
    edit(digest.path, change)
    assert digest() != before


def test_stays_when_outputs_or_ids_change(digest):
    before = digest()

    def change(notebook):
        notebook.cells[-1].outputs = [new_output("stream", name="stdout", text="2\n")]
        notebook.cells[-1].execution_count = 4
        notebook.cells[-1].id = "other"
        notebook.metadata["papermill"] = {"duration": 3}

    edit(digest.path, change)
    assert digest() == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "ops/cumax.py").write_text("other"),
        lambda folder: (folder / "ops/cumin.py").touch(),
        lambda folder: (folder / "ops/cumax.py").unlink(),
        lambda folder: (folder / "ops/cumax.py").rename(folder / "cumax.py"),
        lambda folder: (folder / "ops/__init__.py").write_text("ops/__init__.py\0"),
    ],
    ids=["edited", "added", "removed", "moved", "longer"],
)
def test_changes_with_the_sources(digest, sources, change):
    before = digest()
    change(sources)
    assert digest() != before


def test_stays_when_other_files_of_the_package_change(digest, sources):
    before = digest()
    (sources / "ops/__pycache__").mkdir()
    (sources / "ops/__pycache__/cumax.pyc").touch()
    assert digest() == before


def test_changes_with_constraints(digest, clone):
    before = digest()
    (clone.root / "constraints.txt").write_text("numpy==2.1\n")
    changed = digest()
    (clone.root / "constraints.txt").unlink()
    assert len({before, changed, digest()}) == 3
