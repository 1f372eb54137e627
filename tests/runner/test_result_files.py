"""An executed notebook and its result file are replaced as a pair, also by a process that is killed."""

import contextlib
import errno
import json
import os

import pytest

from blogkit.runner import result_files as module
from blogkit.runner.compare.sides import read_side
from blogkit.runner.job import Job
from blogkit.runner.project import UsageError
from blogkit.runner.result_files import finish, put_in_place


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "01_one.ipynb").write_text(json.dumps({"is": text}))
    (folder / "01_one.json").write_text(json.dumps({"notebook": "01_one", "claims": [], "is": text}))
    return folder


def pair(folder):
    return [json.loads((folder / f"01_one{end}").read_text())["is"] for end in (".ipynb", ".json")]


class Killed(BaseException):
    """What a kill is to a test."""


@pytest.fixture
def kill_at(monkeypatch):
    """Function that ends the process, as far as a test can, at a call of `os.rename` or `os.replace`."""

    def kill_at(number):
        calls = []

        def patched(function):
            def call(*arguments):
                calls.append(function)
                if len(calls) > number:
                    raise Killed
                return function(*arguments)

            return call

        monkeypatch.setattr(module.os, "rename", patched(os.rename))
        monkeypatch.setattr(module.os, "replace", patched(os.replace))

    return kill_at


@pytest.mark.parametrize("number, expected", [(0, "old"), (1, "new"), (2, "new"), (3, "new")])
def test_a_kill_at_any_step_leaves_the_old_pair_or_the_new_one(clone, kill_at, monkeypatch, number, expected):
    folder = write(clone.root / "runs" / "default", "old")
    work = write(folder / ".work", "new")
    kill_at(number)
    with pytest.raises(Killed) if number < 3 else contextlib.nullcontext():
        put_in_place(work, folder, "01_one")
    monkeypatch.undo()
    job = Job(clone.root / "notebooks/01_one.ipynb", folder, {}, "jax", "")
    assert job.read_result()["is"] == expected
    assert pair(folder) == [expected] * 2
    assert not (folder / ".01_one.ready").exists()


def test_every_reader_of_results_finishes_what_was_begun(clone, kill_at, monkeypatch):
    notebook = clone.add("01_one")
    for read in (
        lambda folder: clone.project.latest(notebook, "default")[1]["is"],
        lambda folder: finish(folder, "01_one"),
        lambda folder: pytest.raises(UsageError, read_side, str(folder), clone.project),  # no claims
    ):
        folder = write(clone.root / "runs" / "default", "old")
        kill_at(2)
        with pytest.raises(Killed):
            put_in_place(write(folder / ".work", "new"), folder, "01_one")
        monkeypatch.undo()
        assert pair(folder) == ["new", "old"]
        read(folder)
        assert pair(folder) == ["new", "new"]


def test_a_full_disk_leaves_both_pairs(tmp_path, monkeypatch):
    folder, work = write(tmp_path, "old"), write(tmp_path / ".work", "new")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put_in_place(work, folder, "01_one")
    assert (pair(folder), pair(work)) == (["old"] * 2, ["new"] * 2)
