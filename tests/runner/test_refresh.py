import os
import re

import nbformat

from blogkit.runner.refresh import stripped

NOISY = """
import os, sys, time
for part in "ab", "cd":
    print(part, end="")
    sys.stdout.flush()
    time.sleep(0.05)
print()
print(os.path.basename(os.getcwd()), seed)"""


def test_two_refreshes_give_the_same_bytes(clone, blogkit, monkeypatch, tmp_path):
    path = clone.add(
        "01_one", NOISY, 'report.claim("C1", "s", 4, kind="identity", at_least=4, dataset="d")\nreport'
    )
    before = nbformat.read(path, as_version=4)
    monkeypatch.chdir(tmp_path)
    code, out, _ = blogkit("refresh")
    assert code == 0 and "[1/1] 01_one" in out
    first = path.read_bytes()
    assert blogkit("refresh", "01")[0] == 0
    assert path.read_bytes() == first
    assert first.endswith(b"}\n") and not first.endswith(b"\n\n")

    notebook = nbformat.read(path, as_version=4)
    assert [c.source for c in notebook.cells] == [c.source for c in before.cells]
    assert [c.id for c in notebook.cells] == [c.id for c in before.cells]
    assert notebook.metadata == before.metadata
    assert [dict(c.metadata) for c in notebook.cells] == [dict(c.metadata) for c in before.cells]
    (stream,) = notebook.cells[3].outputs  # one stream, in the notebook's own folder, own defaults
    assert stream.text == "abcd\nnotebooks 0\n"
    (table,) = notebook.cells[4].outputs
    assert set(table.data) == {"application/vnd.blogkit.claims+json", "text/html", "text/plain"}
    assert re.search(
        "│ C1 +│ s \\(d\\) +│", table.data["text/plain"]
    )  # rich would display it instead, in a kernel
    assert os.listdir(tmp_path) == [clone.root.name]  # nothing written where it was called


def test_a_notebook_that_fails_keeps_its_outputs(clone, blogkit):
    path = clone.add("01_one", "1 / 0")
    before = path.read_bytes()
    code, out, _ = blogkit("refresh")
    assert code == 1
    assert "ZeroDivisionError" in out
    assert path.read_bytes() == before
    partial = clone.root / "runs/refresh/01_one.failed.ipynb"
    assert f"Partial notebook: {partial}" in out and partial.exists()
    assert sorted(os.listdir(clone.root / "notebooks")) == ["01_one.ipynb", "profiles"]


def test_what_differs_between_runs_and_tools_is_stripped(clone):
    notebook = nbformat.read(clone.add("01_one"), as_version=4)
    notebook.metadata.update(
        papermill={"duration": 1}, widgets={}, language_info={"name": "python", "version": "3.13"}
    )
    for cell in notebook.cells:
        cell.metadata.update(papermill={}, execution={}, collapsed=True)
    notebook.cells[2].metadata["tags"] = []
    stripped(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert [dict(cell.metadata) for cell in notebook.cells] == [{}, {"tags": ["parameters"]}, {}, {}]
