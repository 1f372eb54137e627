import dataclasses
import pickle
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

from blogkit.runner.execute import execute
from blogkit.runner.job import Job


def test_announces_each_code_cell_under_its_heading_and_takes_relative_paths(clone, monkeypatch):
    path = clone.add("01_one", "1", "2")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(4, new_markdown_cell("text\n## 训练 $n$\nmore\n\n### Last #\n#tag"))
    nbformat.write(notebook, path)
    monkeypatch.chdir(clone.root)
    job = Job(Path("notebooks/01_one.ipynb"), Path("out"), {"seed": 3}, "jax", "hash")
    calls = []
    outcome = execute(job, lambda *call: calls.append(call))
    assert (outcome.status, outcome.error) == ("ran", "")
    # Title, parameters, papermill's own, report, "1", heading, "2", save.
    title, last = "Title of 01_one", "Last #"
    assert calls == [(2, 8, title), (3, 8, title), (4, 8, title), (5, 8, title), (7, 8, last), (8, 8, last)]
    assert job.is_done() and job.read_result()["parameters"] == {"seed": 3, "rate": 0.1}
    assert pickle.loads(pickle.dumps((job, outcome))) == (job, outcome)
    assert not dataclasses.replace(job, fingerprint="another").is_done()


def test_a_kernel_that_does_not_exist_is_a_failure(clone):
    path = clone.add("01_one")
    path.write_text(path.read_text().replace('"python3"', '"python2"'))
    outcome = execute(Job(path, clone.root / "out", {}, "jax", ""))
    assert outcome.status == "failed" and "python2" in outcome.error
