"""`python -m blogkit record`: what it keeps of a run, and that a failure leaves the old record as it is."""

import base64
import json
import os

import nbformat
import pytest
from nbformat.v4 import new_output

from blogkit.report import Report
from blogkit.report.record import figure_bytes, read_record
from blogkit.runner import record as module
from blogkit.runner.backends import choose_backend
from blogkit.runner.record import device_slug
from blogkit.runner.run import plan

ARTICLE = "https://kexue.fm/archives/6794"
COUNT = 'with open("count.txt", "a") as file:\n    file.write("x")'
CLAIM = """\
report.claim("C1", "rate", rate, kind="finding", null=0, at_least=0, dataset="digits")
report.data("digits", train=[1, 2, 3])"""
FIGURE = """\
from base64 import b64encode
from IPython.display import display
png = b"\\x89PNG of rate " + str(rate).encode()
metadata = {"image/png": {"alt": "a curve", "width": 40, "height": 30}}
display({"image/png": b64encode(png).decode()}, raw=True, metadata=metadata)"""


@pytest.fixture
def notebook(clone):
    """Counts its runs, has one claim and a figure in a cell tagged `record`."""
    clone.profile("evening", "rate: 0.5\n")
    return add(clone)


def add(clone, *sources):
    return tagged(clone.add("01_one", COUNT, CLAIM, FIGURE, *sources), 5)


def tagged(path, cell):
    content = nbformat.read(path, as_version=4)
    content.cells[cell].metadata["tags"] = ["record"]
    nbformat.write(content, path)
    return path


def finish(clone, notebook, rate=0.5, seed=0, size=9, **environment):
    """Leave in `runs/evening` what a run of `notebook` leaves, without a kernel; return the result file."""
    report = Report("01_one", article=ARTICLE, parameters={"seed": seed, "rate": rate})
    report.claim("C1", "rate", rate, kind="finding", null=0, at_least=0, dataset="digits")
    (job,) = plan(clone.project, [notebook], "evening", (), choose_backend(None))
    result = report.to_dict() | {"fingerprint": job.fingerprint, "inputs": job.inputs, "files": []}
    result["environment"] |= environment
    job.folder.mkdir(parents=True, exist_ok=True)
    job.result.write_text(json.dumps(result), encoding="utf-8")
    executed = nbformat.read(notebook, as_version=4)
    png = b"\x89PNG of rate " + str(rate).encode() + bytes(size)
    data = {"image/png": base64.b64encode(png).decode()}
    shown = {"alt": "a curve", "width": 40, "height": 30}
    executed.cells[5].outputs = [new_output("display_data", data, metadata={"image/png": shown})]
    nbformat.write(executed, job.executed)
    return job.result


def runs(notebook):
    path = notebook.with_name("count.txt")
    return len(path.read_text()) if path.exists() else 0


def files(clone):
    folder = clone.root / "notebooks" / "records"
    return {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}


NAMES = {"01_one.evening.cpu.1.png", "01_one.evening.cpu.json"}


def test_records_a_run_once_and_only_reads_it_the_second_time(clone, blogkit, notebook):
    code, out, err = blogkit("record", "01")  # the profile is `evening`
    assert (code, err) == (0, "")
    assert "01_one: recorded in notebooks/records/01_one.evening.cpu.json, 1 figure\n" in out
    first = files(clone)
    assert set(first) == NAMES
    code, out, _ = blogkit("record", "01_one", "--profile", "evening")
    assert code == 0 and "skipped" in out and runs(notebook) == 1
    assert files(clone) == first

    folder = clone.root / "notebooks" / "records"
    found, result = read_record(folder / "01_one.evening.cpu.json"), clone.result("01_one", "evening")
    (claim,) = found.claims
    assert (claim.id, claim.value, claim.verdict) == ("C1", 0.5, "holds")
    assert found.parameters == {"seed": 0, "rate": 0.5} and found.seeds == [0]
    assert found.data == result["data"] and found.data[0]["parts"]["train"]["rows"] == 3
    environment = result["environment"]
    for name in ("commit", "versions", "backend", "device", "cores", "python", "system", "peak_memory_mb"):
        assert getattr(found, name) == environment[name]
    assert (found.seconds, found.date) == (result["seconds"], result["started"][:10])
    assert found.resumed is False
    assert found.article == ARTICLE
    (figure,) = found.figures
    assert (figure.alt, figure.caption, figure.width) == ("a curve", "Title of 01_one", 40)
    assert figure_bytes(folder, found, figure).startswith(b"\x89PNG of rate 0.5")


def test_a_changed_run_replaces_json_and_figures(clone, blogkit, notebook):
    finish(clone, notebook)
    assert blogkit("record", "01")[0] == 0
    before = files(clone)
    clone.profile("evening", "rate: 0.25\n")
    tagged(notebook, 3)  # shows no figure: the cell is named, and the old record stays
    finish(clone, notebook, rate=0.25)
    code, out, _ = blogkit("record", "01")
    assert code == 1 and "01_one: not recorded: cell 4 is tagged 'record' and shows no PNG figure" in out
    assert files(clone) == before
    content = nbformat.read(notebook, as_version=4)
    del content.cells[3].metadata["tags"]
    nbformat.write(content, notebook)
    assert blogkit("record", "01", "--from-runs")[0] == 0  # the tags are those of today
    after = files(clone)
    assert set(after) == NAMES and all(after[name] != before[name] for name in NAMES)
    assert runs(notebook) == 0


def test_a_run_that_fails_leaves_the_old_record(clone, blogkit, notebook):
    finish(clone, notebook)
    assert blogkit("record", "01")[0] == 0
    before = files(clone)
    add(clone, "1 / 0")
    code, out, _ = blogkit("record", "01")
    assert code == 1 and "ZeroDivisionError" in out and "recorded in" not in out
    assert files(clone) == before and runs(notebook) == 1


def test_a_figure_that_is_too_large_is_named_and_nothing_is_written(clone, blogkit, notebook):
    finish(clone, notebook)
    assert blogkit("record", "01")[0] == 0
    before = files(clone)
    finish(clone, notebook, size=150_001)
    code, out, _ = blogkit("record", "01")
    assert code == 1 and "01_one: not recorded: the figure of cell 6 has 150,0" in out
    assert files(clone) == before


def test_from_runs_records_what_came_from_another_machine(clone, blogkit, notebook):
    code, out, _ = blogkit("record", "01", "--from-runs")
    assert code == 1 and "01_one: not recorded: no finished run in runs/evening; " in out
    path = finish(clone, notebook, device="NVIDIA H200", python="3.99", cores=16, commit=None)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"resumed": True}))
    assert blogkit("record", "01", "--from-runs")[0] == 0
    found = read_record(clone.root / "notebooks/records/01_one.evening.h200.json")
    assert (found.device, found.cores, found.python, found.commit) == ("NVIDIA H200", 16, "3.99", None)
    assert found.resumed and runs(notebook) == 0


def test_the_commit_of_a_machine_without_git_is_that_of_the_same_files(clone, blogkit, notebook, monkeypatch):
    path = finish(clone, notebook, commit=None)
    monkeypatch.setattr(module, "environment", lambda: {"commit": "0123456789ab"})
    json_path = clone.root / "notebooks/records/01_one.evening.cpu.json"
    blogkit("record", "01", "--from-runs")
    assert read_record(json_path).commit == "0123456789ab"
    result = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(result | {"fingerprint": "of other files"}))
    blogkit("record", "01", "--from-runs")
    assert read_record(json_path).commit is None


@pytest.mark.parametrize(
    "change, said",
    [
        (
            lambda clone: clone.profile("evening", "rate: 0.75\n"),
            "the finished run has rate=0.5; with profile",
        ),
        (lambda clone: clone.add("01_one", "2 + 2"), "the code of the notebook has changed since that run"),
        (
            lambda clone: os.remove(clone.root / "runs/evening/01_one.ipynb"),
            "no finished run in runs/evening",
        ),
        (
            lambda clone: (clone.root / "runs/evening/01_one.json").write_text('{"parameters": {}}'),
            "its result file is of another version of blogkit ('environment'); run it again",
        ),
    ],
)
def test_from_runs_refuses_what_is_not_a_run_of_today(clone, blogkit, notebook, change, said):
    finish(clone, notebook)
    change(clone)
    code, out, err = blogkit("record", "01", "--from-runs")
    assert (code, err) == (1, "") and out.startswith(f"01_one: not recorded: {said}") and out.count("\n") == 1
    assert files(clone) == {}


def test_a_run_with_other_parameters_than_the_profile_is_refused(clone, blogkit, notebook):
    finish(clone, notebook, seed=3)  # the profile sets no seed
    code, out, _ = blogkit("record", "01", "--from-runs")
    assert code == 1 and "the finished run has seed=3; with profile 'evening' it is 0" in out


def test_parameters_beside_the_profile_are_recorded(clone, blogkit, notebook):
    finish(clone, notebook, seed=3)
    assert blogkit("record", "01", "--from-runs", "-p", "seed", "3")[0] == 0
    found = read_record(clone.root / "notebooks/records/01_one.evening.cpu.json")
    assert found.overrides == {"seed": 3} and found.seeds == [3]
    assert found.command == "python -m blogkit record 01 --profile evening -p seed 3"


def test_a_record_of_other_parameters_is_not_replaced(clone, blogkit, notebook):
    finish(clone, notebook)
    assert blogkit("record", "01", "--from-runs")[0] == 0
    before = files(clone)
    finish(clone, notebook, seed=3)
    other = ("record", "01", "--from-runs", "-p", "seed", "3")
    code, out, _ = blogkit(*other)
    assert code == 1 and "01_one.evening.cpu.json is of other parameters (`python -m blogkit record 01" in out
    assert files(clone) == before
    assert blogkit(*other, "--label", "third")[0] == 0
    assert before.items() < files(clone).items() and "01_one.evening-third.cpu.1.png" in files(clone)
    (clone.root / "notebooks/records/01_one.evening.cpu.json").unlink()
    assert blogkit(*other)[0] == 0


def test_an_interrupted_replacement_is_finished(clone, blogkit, notebook):
    finish(clone, notebook)
    blogkit("record", "01")
    folder = clone.root / "notebooks" / "records"
    ready = folder / ".01_one.evening.cpu.ready"
    ready.mkdir()
    for name in NAMES:
        os.rename(folder / name, ready / name)
    clone.add("02_two")
    assert blogkit("record", "02", "--from-runs")[0] == 1
    assert set(files(clone)) == NAMES


def test_other_notebooks_are_recorded_though_one_fails(clone, blogkit, notebook):
    finish(clone, notebook)
    clone.add("02_two", "1 / 0")
    code, out, _ = blogkit("record")
    assert code == 1 and "02_two" in out
    assert set(files(clone)) == NAMES


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["01", "--seeds", "0"], "--seeds takes a positive number. Received: 0."),
        (["01", "--seeds", "-1"], "--seeds"),
        (["01", "--profile", "evenign"], "Did you mean 'evening'?"),
        (["04"], "notebook '04'"),
        (["01", "--backend", "theano"], "backend 'theano'"),
        (["01", "--label", "../x"], "--label takes a word of small letters and digits. Received: '../x'."),
    ],
)
def test_a_bad_request_takes_one_line_and_executes_nothing(clone, blogkit, notebook, arguments, word):
    code, out, err = blogkit("record", *arguments)
    assert (code, out) == (2, "") and err.startswith("blogkit: ") and err.count("\n") == 1 and word in err
    assert runs(notebook) == 0 and files(clone) == {}


def test_a_notebook_shows_its_records_and_two_refreshes_give_the_same_bytes(clone, blogkit, notebook):
    finish(clone, notebook)
    assert blogkit("record", "01")[0] == 0
    add(clone, "report.records()")
    assert blogkit("refresh")[0] == 0
    first = notebook.read_bytes()
    table, caption, figure = nbformat.read(notebook, as_version=4).cells[6].outputs
    assert "evening" in table.data["text/plain"] and "✔ holds" in table.data["text/html"]
    assert caption.data["text/plain"].startswith("Title of 01_one (evening, CPU")
    assert base64.b64decode(figure.data["image/png"]).startswith(b"\x89PNG of rate 0.5")
    assert figure.metadata["image/png"] == {"alt": "a curve", "width": 40, "height": 30}
    assert blogkit("refresh")[0] == 0
    assert notebook.read_bytes() == first


@pytest.mark.parametrize(
    "device, slug",
    [
        ("Intel(R) Xeon(R) Platinum 8480+", "cpu"),
        (None, "cpu"),
        ("NVIDIA H200", "h200"),
        ("NVIDIA H100 80GB HBM3", "h100"),
        ("NVIDIA H100 PCIe", "h100"),
        ("NVIDIA A100-SXM4-40GB", "a100"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090"),
        ("Tesla V100-SXM2-16GB", "v100"),
        ("NVIDIA H200 MIG 1g.18gb", "h200-mig-1g"),
        ("AMD Instinct MI300X", "mi300x"),
        ("TPU v5 lite", "tpu-v5-lite"),
        ("NVIDIA", "nvidia"),
    ],
)
def test_the_device_in_the_file_name(device, slug):
    assert device_slug(device, "Intel(R) Xeon(R) Platinum 8480+") == slug
