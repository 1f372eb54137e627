"""Files that `python -m blogkit run` leaves after success, failure and lost workers."""

import concurrent.futures
import errno
import json
import multiprocessing
import os
import re
import sys

import nbformat
import pytest

from blogkit.extras import install_command
from blogkit.report import Claim
from blogkit.runner import run as run_module
from blogkit.runner.backends import choose_backend
from blogkit.runner.job import Job, Outcome
from blogkit.runner.run import failures, plan, run, summary

# Appends to a file in the notebook's own folder, so it also shows where the kernel runs.
COUNT = 'with open("count.txt", "a") as file:\n    file.write("x")'
CLAIM = 'report.claim("C1", "sum", 4, kind="identity", at_least=4, at_most=4, dataset="arithmetic")\nreport'


def jobs_of(clone):
    """The jobs that `run` without options plans."""
    project = clone.project
    return plan(project, project.select([]), "default", [], choose_backend(None))


def is_done(clone):
    return {job.name: job.is_done() for job in jobs_of(clone)}


def test_runs_once_and_again_only_after_a_change(clone, blogkit):
    path = clone.add("01_one", COUNT, 'import os\nprint(os.environ["KERAS_BACKEND"], sizes)', CLAIM)
    clone.profile("smoke", "seed: 7\nrate: 1\n")
    count = path.with_name("count.txt")

    code, out, err = blogkit("run", "--profile", "smoke", "-p", "sizes", "[3]", "--backend", "jax")
    assert (code, err) == (0, "")
    assert "[1/1] 01_one" in out and "1 ran, 0 skipped, 0 failed" in out
    assert "Identities: 1 holds." in out and "arithmetic" in out
    result = clone.result("01_one", "smoke")
    assert result["parameters"] == {"seed": 7, "rate": 1.0}
    assert Claim.from_dict(result["claims"][0]).verdict == "holds"
    executed = nbformat.read(clone.root / "runs/smoke/01_one.ipynb", as_version=4)
    texts = [o.text for cell in executed.cells for o in cell.get("outputs", []) if "text" in o]
    assert texts == ["jax [3]\n"]
    assert os.listdir(clone.root / "runs") == ["smoke"]
    assert sorted(os.listdir(clone.root / "runs/smoke")) == ["01_one.ipynb", "01_one.json"]

    same = ("run", "--profile", "smoke", "-p", "sizes", "[3]", "--backend", "jax")
    code, out, err = blogkit(*same)
    assert (code, count.read_text()) == (0, "x")
    assert "skipped" in out and "Identities: 1 holds." in out

    assert blogkit(*same, "--force")[0] == 0
    assert count.read_text() == "xx"

    path.write_text(path.read_text().replace("# Title", "# Another title"))
    assert blogkit(*same)[0] == 0
    assert count.read_text() == "xxx"


def test_without_the_executed_notebook_a_result_file_is_not_enough(clone):
    clone.add("01_one")
    (job,) = jobs_of(clone)
    job.folder.mkdir(parents=True)
    job.result.write_text(json.dumps({"inputs": job.inputs, "files": []}))
    assert not job.is_done()
    job.executed.touch()
    assert job.is_done()


@pytest.mark.parametrize("content", [b"", b'{"fingerprint": "', b"[]", b"null", b'"x"', b'{"a": "\xe5\x85'])
def test_a_result_file_that_is_not_whole_counts_as_absent(clone, content):
    notebook = clone.add("01_one")
    (job,) = jobs_of(clone)
    job.folder.mkdir(parents=True)
    job.executed.touch()
    job.result.write_bytes(content)
    assert not job.is_done()
    assert "No claims." in summary([job], [Outcome(job.name, "skipped", 0.0)])
    assert clone.project.latest(notebook, "default") == (notebook, None)


def test_latest_is_the_last_run_else_the_committed_notebook(clone):
    notebook = clone.add("01_one")
    assert clone.project.latest(notebook, "default") == (notebook, None)
    (job,) = jobs_of(clone)
    job.folder.mkdir(parents=True)
    job.result.write_text('{"claims": []}')
    assert clone.project.latest(notebook, "default") == (notebook, None)
    job.executed.touch()
    assert clone.project.latest(notebook, "default") == (job.executed, {"claims": []})
    assert clone.project.latest(notebook, "smoke") == (notebook, None)


def test_a_run_that_fails_after_saving_keeps_its_result_apart(clone, blogkit):
    path = clone.add("01_one", CLAIM, "report.save()", "1 / 0")
    assert blogkit("run")[0] == 1
    folder = clone.root / "runs/default"
    assert sorted(os.listdir(folder)) == ["01_one.failed.ipynb", "01_one.failed.json"]
    assert is_done(clone) == {"01_one": False}
    path.write_text(path.read_text().replace("1 / 0", "1 / 1"))
    assert blogkit("run")[0] == 0
    assert sorted(os.listdir(folder)) == ["01_one.ipynb", "01_one.json"]


def test_a_failure_is_explained_and_stops_no_other(clone, blogkit):
    clone.add("01_raises", "print('before')", "def inner():\n    raise KeyError('深い')\ninner()")
    clone.add("02_forgets", "1 + 1", save=False)
    clone.add("03_dies", "import os\nos.write(2, b'last words')\nos._exit(3)")
    clone.add("04_works", CLAIM)

    code, out, err = blogkit("run", "--jobs", "2")
    assert (code, err) == (3, "")
    assert "1 ran, 0 skipped, 3 failed" in out
    assert "KeyError: '深い'" in out and "\x1b" not in out
    assert "raise KeyError" in out  # a line of the traceback
    assert "02_forgets.json" in out and "report.save()" in out
    assert "the kernel died in cell 4 of 5" in out and "    last words\n" in out
    partials = re.findall(r"Partial notebook: (.*)", out)
    assert len(partials) == 3
    for partial in partials:
        nbformat.read(partial, as_version=4)
    raised = nbformat.read(clone.root / "runs/default/01_raises.failed.ipynb", as_version=4)
    assert any("before" in o.get("text", "") for c in raised.cells for o in c.get("outputs", []))
    assert sorted(p.name for p in (clone.root / "runs/default").iterdir()) == [
        "01_raises.failed.ipynb",
        "02_forgets.failed.ipynb",
        "03_dies.failed.ipynb",
        "04_works.ipynb",
        "04_works.json",
    ]
    assert is_done(clone) == {
        "01_raises": False,
        "02_forgets": False,
        "03_dies": False,
        "04_works": True,
    }


def test_a_result_under_another_name_is_a_failure_that_says_so(clone, blogkit):
    path = clone.add("01_one")
    path.rename(path.with_name("02_copy.ipynb"))
    code, out, _ = blogkit("run")
    assert code == 1
    assert "no 02_copy.json" in out and "Report('02_copy', ...)" in out


def test_success_removes_the_partial_notebook_of_the_failure_before(clone, blogkit):
    path = clone.add("01_one", "import pathlib\nassert pathlib.Path('ready').exists()")
    assert blogkit("run")[0] == 1
    path.with_name("ready").touch()
    assert blogkit("run")[0] == 0
    assert sorted(p.name for p in (clone.root / "runs/default").iterdir()) == ["01_one.ipynb", "01_one.json"]


def test_a_full_disk_leaves_the_result_of_before(clone, blogkit, monkeypatch):
    clone.add("01_one", CLAIM)
    assert blogkit("run")[0] == 0
    before = clone.result("01_one")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # of the runner; the kernel has written its part
    code, out, _ = blogkit("run", "--force")
    assert code == 1
    assert "No space left on device" in out and "01 C1" not in out
    left = sorted(os.listdir(clone.root / "runs/default"))
    assert left == ["01_one.failed.ipynb", "01_one.failed.json", "01_one.ipynb", "01_one.json"]
    assert clone.result("01_one") == before and is_done(clone) == {"01_one": True}


def test_a_results_folder_that_cannot_be_made_is_a_failure_not_a_crash(clone, blogkit):
    clone.add("01_one")
    (clone.root / "runs").write_text("a file where the folder should be")
    code, out, _ = blogkit("run")
    assert code == 1 and "1 failed" in out and str(clone.root / "runs") in out


def test_two_jobs_run_at_once(clone, blogkit):
    meet = """
import pathlib, time
pathlib.Path({mine!r}).touch()
deadline = time.monotonic() + 30
while not pathlib.Path({other!r}).exists():
    assert time.monotonic() < deadline, "alone"
    time.sleep(0.02)
"""
    clone.add("01_one", meet.format(mine="one", other="two"))
    clone.add("02_two", meet.format(mine="two", other="one"))
    assert blogkit("run", "--jobs", "2")[0] == 0


def test_a_job_clears_what_its_killed_runs_left_and_nothing_else(clone, blogkit):
    clone.add("01_one")
    runs = clone.root / "runs/default"
    for name in (".01_one.ipynb-x7", ".01_one-Copy1.ipynb-x7", ".01_one.ipynb-y8"):
        (runs / name).mkdir(parents=True)
        (runs / name / "01_one.ipynb").touch()
    assert blogkit("run")[0] == 0
    assert sorted(os.listdir(runs)) == [".01_one-Copy1.ipynb-x7", "01_one.ipynb", "01_one.json"]


def test_an_executor_of_other_processes_runs_jobs(clone):
    clone.add("01_one", COUNT)
    jobs = jobs_of(clone)
    count = clone.root / "notebooks" / "count.txt"
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as executor:
        (outcome,) = run(jobs, executor=executor)
        assert (outcome.name, outcome.status, outcome.error) == ("01_one", "ran", "")
        assert jobs[0].is_done() and count.read_text() == "x"
        run(jobs, executor=executor, force=True)
        assert jobs[0].is_done() and count.read_text() == "xx"


def test_a_job_that_a_cluster_repeats_after_its_success_is_not_run_again(clone):
    """Dask repeats a job when the worker that kept its outcome is lost."""

    class Cluster(concurrent.futures.Executor):
        def submit(self, function, job):
            function(job)
            future = concurrent.futures.Future()
            future.set_result(function(job))
            return future

    path = clone.add("01_one", COUNT)
    (job,) = jobs_of(clone)
    (outcome,) = run([job], executor=Cluster())
    assert path.with_name("count.txt").read_text() == "x"
    note = "not repeated, although the worker that kept its outcome was lost: it had ended"
    assert outcome == Outcome("01_one", "ran", job.read_result()["seconds"], note=note)
    assert outcome.seconds > 0


def test_a_lost_worker_is_a_failure_of_its_job_alone(clone):
    class Cluster(concurrent.futures.Executor):
        """Loses the worker of the first job."""

        def submit(self, function, job):
            future = concurrent.futures.Future()
            if job.name == "01_one":
                future.set_exception(RuntimeError("worker lost"))
            else:
                future.set_result(Outcome(job.name, "ran", 1.0))
            return future

    clone.add("01_one")
    clone.add("02_two")
    lost, ran = run(jobs_of(clone), executor=Cluster())
    assert (lost.status, lost.error, ran.status) == ("failed", "RuntimeError: worker lost", "ran")


def test_outcomes_come_in_the_order_of_jobs_and_only_failures_count(clone, monkeypatch):
    for name in ("01_one", "02_two", "03_three"):
        clone.add(name)
    statuses = {"01_one": "ran", "02_two": "failed", "03_three": "ran"}
    monkeypatch.setattr(
        run_module, "execute", lambda job, watch, limits: Outcome(job.name, statuses[job.name], 0.0)
    )
    outcomes = run(jobs_of(clone)[::-1], workers=3)
    assert [o.name for o in outcomes] == ["03_three", "02_two", "01_one"]
    assert failures(outcomes) == 1
    assert failures(outcomes * 300) == 100  # not 300 % 256


def test_summary_shows_each_claim_with_its_remark_and_counts_verdicts(tmp_path):
    article = dict(kind="article", article="gains", at_least=0, dataset="d", stand_in=True)
    claims = [
        Claim(id="C1", kind="identity", sentence="good", value=1, at_least=0, dataset="d"),
        Claim(**article, id="C2", sentence="bad", value=-1, null=-2, differs="too small"),
        Claim(**article, id="C3", sentence="open", untested="needs a GPU"),
    ]
    job = Job(tmp_path / "01_one.ipynb", tmp_path, {}, "tensorflow", "")
    job.result.write_text(json.dumps({"claims": [claim.to_dict() for claim in claims]}))
    text = summary([job], [Outcome("01_one", "skipped", 0.0)])
    assert "01 C1" in text and "bad [too small]" in text and "open [needs a GPU]" in text
    assert "d (stand-in)" in text
    assert "Notebooks: 0 ran, 1 skipped, 0 failed.\n" in text
    assert "Article: 1 other direction, 1 not tested here.\nIdentities: 1 holds.\n" in text
    assert f"Results: {tmp_path}" in text


def test_a_cluster_needs_dask_and_says_so(clone, blogkit, monkeypatch):
    clone.add("01_one")
    monkeypatch.setitem(sys.modules, "distributed", None)  # as if not installed
    code, out, err = blogkit("run", "--scheduler", "tcp://10.0.0.1:8786")
    assert (code, out) == (2, "")
    assert err == f"blogkit: `--scheduler` needs distributed. {install_command('cluster')}\n"
    assert not (clone.root / "runs").exists()
