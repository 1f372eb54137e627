"""`python -m blogkit report`: one line for a place that takes no file, and for a profile that has not run."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

CLAIM = """\
report.claim("C1", "two and two make four", 4, kind="identity", at_least=4, at_most=4, dataset="arithmetic")
report"""


@pytest.fixture
def ran(clone, blogkit):
    """A clone whose first notebook has run with the profile `paper`."""
    clone.add("01_one", CLAIM)
    clone.add("02_two", CLAIM)
    clone.profile("paper", "seed: 7\n")
    assert blogkit("run", "01", "--profile", "paper")[0] == 0
    return clone


def one_line(answer, *words):
    code, out, err = answer
    assert (code, out) == (2, "") and err.startswith("blogkit: ") and err.count("\n") == 1, err
    for word in words:
        assert word in err


def test_a_profile_without_a_run_is_refused(clone, blogkit):
    clone.add("01_one", CLAIM)
    clone.profile("paper", "seed: 7\n")
    answer = blogkit("report", "--profile", "paper")
    one_line(answer, "no finished run with profile 'paper'", "runs/paper", "blogkit run --profile paper")
    assert not (clone.root / "runs").exists()
    assert blogkit("report")[0] == 0  # the committed outputs are those of the default


def test_a_page_says_which_notebooks_lack_a_run_with_the_profile(ran, blogkit):
    code, out, err = blogkit("report", "--profile", "paper")
    assert (code, err) == (0, "")
    page, said = out.splitlines()
    assert said == "Without a run of profile 'paper', shown as committed: 02_two."
    html = Path(page).read_text(encoding="utf-8")
    assert html.count("as committed; not run with profile &#39;paper&#39;") == 2  # index and section
    code, out, _ = blogkit("report", "01", "--profile", "paper")
    assert (code, out.count("\n")) == (0, 1)
    one_line(blogkit("report", "02", "--profile", "paper"), "no finished run with profile 'paper'")


@pytest.mark.parametrize("place", ["runs", "page/deep/report.html", "folder"])
def test_a_place_that_cannot_hold_the_page(clone, blogkit, place):
    clone.add("01_one", CLAIM)
    (clone.root / "page").write_text("a file")
    (clone.root / "folder").mkdir()
    (clone.root / "runs").write_text("a file, too")
    output = [] if place == "runs" else ["--output", clone.root / place]
    one_line(blogkit("report", *output), "cannot write", str(clone.root / place), "--output FILE")
    assert sorted(path.name for path in clone.root.iterdir()) == [
        "constraints.txt",
        "folder",
        "notebooks",
        "page",
        "runs",
    ]
    assert list((clone.root / "folder").iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_also_refuses_the_clean_up(clone, blogkit, monkeypatch, step, number):
    clone.add("01_one", CLAIM)

    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    def refuse_clean_up(*arguments, **options):
        raise OSError(errno.EIO, "the clean-up failed")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, refuse)
        patched.setattr(Path, "unlink", refuse_clean_up)
        answer = blogkit("report")
    one_line(answer, "cannot write", "runs/report.html", os.strerror(number))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_device_without_space(clone, blogkit):
    clone.add("01_one", CLAIM)
    one_line(blogkit("report", "--output", "/dev/full/report.html"), "cannot write /dev/full/report.html")


@pytest.mark.parametrize(
    "damage",
    [
        lambda result: result.pop("started"),
        lambda result: result.update(seconds="long"),
        lambda result: result.update(claims=[{"id": "C1"}]),
        lambda result: result.update(claims=5),
        lambda result: result.update(environment=["a list"]),
        lambda result: result["environment"].pop("versions"),
        lambda result: result.update(data="text"),
    ],
)
def test_a_damaged_result_is_named(ran, blogkit, damage):
    path = ran.root / "runs/paper/01_one.json"
    result = json.loads(path.read_text())
    damage(result)
    path.write_text(json.dumps(result))
    one_line(blogkit("report", "01", "--profile", "paper"), "runs/paper/01_one.ipynb", "run it again")


def test_a_damaged_notebook_is_named(ran, blogkit):
    shutil.copy(ran.root / "constraints.txt", ran.root / "runs/paper/01_one.ipynb")
    one_line(blogkit("report", "01", "--profile", "paper"), "runs/paper/01_one.ipynb is not a notebook")
