"""A notebook runs again when something that its result depends on has changed, and the runner says what."""

import json
import os
import time

import pytest

from blogkit import files_read
from blogkit.runner.reasons import reasons
from data_download.cli import main as data_download

READS = """
from blogkit.datasets import ptb
words = sum(map(len, ptb(dataset).train))
report.claim("C1", "words", words, kind="finding", at_least=0, null=-1, dataset="d")
report"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder, in the environment of runner and kernels."""
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def run(clone, blogkit):
    """Function that runs the notebook that reads `dataset`, and says how it ended, why and what it found."""
    clone.add("01_one", READS)

    def run(dataset):
        code, out, err = blogkit("run", "-p", "dataset", dataset, "--backend", "jax")
        assert (code, err) == (0, ""), out
        why = [line.partition(" runs again: ")[2] for line in out.splitlines() if " runs again: " in line]
        status = "skipped" if "1 skipped" in out else "ran"
        assert len(why) <= 1 and not (why and status == "skipped")
        return status, *why, clone.result("01_one")["claims"][0]["value"]

    return run


def texts(folder, train="a b c\n"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ptb.train.txt").write_text(train)
    (folder / "ptb.valid.txt").write_text("a b\n")
    return folder


def test_a_file_that_changes_by_one_byte(run, tmp_path):
    folder = texts(tmp_path / "texts")
    path = folder / "ptb.train.txt"
    time.sleep(files_read.SETTLED)  # so that the stamp in the result is what is compared
    assert run(folder) == ("ran", 3)
    assert run(folder) == ("skipped", 3)
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_text("a b:c\n")
    os.utime(path, ns=times)  # equally long, with the old modification time
    assert run(folder) == ("ran", "ptb.train.txt changed", 2)
    assert run(folder) == ("skipped", 2)
    path.touch()
    assert run(folder) == ("skipped", 2)
    (folder / "ptb.valid.txt").write_text("a b c\n")
    assert run(folder) == ("ran", "ptb.valid.txt changed", 2)
    (folder / "ptb.test.txt").write_text("a\n")  # the reader looks for it
    assert run(folder) == ("ran", "ptb.test.txt has appeared", 2)


def test_a_set_that_is_imported_again(run, data, tmp_path):
    assert data_download(["import", "ptb", str(texts(tmp_path / "first"))]) == 0
    assert run("imported") == ("ran", 3)
    assert data_download(["import", "ptb", str(texts(tmp_path / "equal"))]) == 0
    assert run("imported") == ("skipped", 3)
    assert data_download(["import", "ptb", str(texts(tmp_path / "other", "a b c d\n"))]) == 0
    assert run("imported") == ("ran", "ptb.train.txt changed", 4)


def test_another_data_folder(run, data, tmp_path, monkeypatch):
    texts(data / "ptb" / "imported")
    assert run("imported") == ("ran", 3)
    texts(tmp_path / "equal" / "ptb" / "imported")
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path / "equal"))
    assert run("imported") == ("skipped", 3)
    texts(tmp_path / "other" / "ptb" / "imported", "a\n")
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path / "other"))
    assert run("imported") == ("ran", "ptb.train.txt changed", 1)


def test_packages_device_parameters_and_code(run, clone, tmp_path, monkeypatch):
    folder = texts(tmp_path / "texts")
    run(folder)
    before = clone.result("01_one")["inputs"]["versions"]["rapidfuzz"]
    fake = tmp_path / "packages" / "rapidfuzz-99.9.dist-info"
    fake.mkdir(parents=True)
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: rapidfuzz\nVersion: 99.9\n")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(fake.parent))
        assert run(folder) == ("ran", f"rapidfuzz {before} -> 99.9", 3)
        assert run(folder) == ("skipped", 3)
    assert run(folder) == ("ran", f"rapidfuzz 99.9 -> {before}", 3)
    with monkeypatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", "1")
        assert run(folder) == ("ran", "CUDA_VISIBLE_DEVICES none -> 1", 3)
    other = texts(tmp_path / "others")
    _, why, _ = run(other)
    assert why == f"dataset {folder} -> {other}, CUDA_VISIBLE_DEVICES 1 -> none"
    path = clone.root / "notebooks" / "01_one.ipynb"
    path.write_text(path.read_text().replace("# Title", "# Another title"))
    (clone.root / "constraints.txt").write_text("numpy==2.1\n")
    assert run(other) == ("ran", "the notebook's cells changed, constraints.txt changed", 3)


def test_tools_around_the_notebooks_do_not_count(clone, run, tmp_path):
    run(texts(tmp_path / "texts"))
    versions = clone.result("01_one")["inputs"]["versions"]
    assert {"keras", "numpy", "jax", "jaxlib", "scipy", "snownlp"} <= set(versions)
    assert not {"pytest", "jupyterlab", "papermill", "ipython", "uv", "distributed", "torch"} & set(versions)


def test_code_that_is_edited_while_it_runs_never_counts_as_unchanged(clone, blogkit):
    path = clone.add("01_one", "from pathlib import Path\nPath('../constraints.txt').write_text(f'{seed}')")
    code, out, _ = blogkit("run")
    assert code == 0 and "    constraints.txt changed while it ran: the next run repeats it" in out
    code, out, _ = blogkit("run")
    assert "01_one runs again: constraints.txt changed while it ran\n" in out and path.exists()
    assert "1 skipped" in blogkit("run")[1]


def test_a_result_of_an_older_version_is_not_taken_for_an_equal_one(clone):
    assert reasons({"claims": []}, {}, clone.root / "n.ipynb") == ["its result does not list its inputs"]


def test_the_files_of_a_result_are_named_without_the_machine(run, clone, data):
    texts(data / "ptb" / "imported")
    run("imported")
    files = {entry["path"]: entry for entry in clone.result("01_one")["files"]}
    train = files["$BLOGKIT_DATA/ptb/imported/ptb.train.txt"]
    assert train["size"] == 6 and len(train["sha256"]) == 64
    assert files["$BLOGKIT_DATA/ptb/imported/ptb.test.txt.gz"]["kind"] == "missing"
    assert str(data) not in json.dumps(clone.result("01_one")["files"])


def test_large_files_are_not_read_again_when_nothing_suggests_a_change(run, tmp_path, monkeypatch):
    folder = texts(tmp_path / "texts")
    time.sleep(files_read.SETTLED)
    run(folder)
    monkeypatch.setattr(files_read, "sha256", lambda path: pytest.fail(f"{path} was hashed"))
    assert run(folder) == ("skipped", 3)
