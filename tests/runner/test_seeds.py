"""`run --seeds`: files of each seed, the aggregate, and what an interrupted or failed run leaves."""

import dataclasses
import json
import os

import pytest

from blogkit.report import Claim
from blogkit.runner import seeds as seeds_module
from blogkit.runner.job import Outcome
from blogkit.runner.seeds import aggregated, plan_seeds, run_seeds

# Which seeds have run is in the notebook's folder.
RAN = 'with open(f"ran-{seed}", "a") as file:\n    file.write("x")'
CLAIMS = """\
report.claim("C1", "seed and two", seed + 2.0, kind="finding", at_least=0, null=-1, dataset="arithmetic")
report.claim("C2", "yes", seed < 2, kind="finding", at_least=True, null=False, dataset="arithmetic",
             differs="the third seed")
report.measure("time", 1.0 + seed, "s")
report"""


def ran(path):
    return {file.name[-1]: len(file.read_text()) for file in path.parent.glob("ran-*")}


def whole(clone, notebook="01_one", profile="default", seeds=3):
    return aggregated(clone.project, clone.root / "notebooks" / f"{notebook}.ipynb", profile, seeds)


def test_each_seed_has_its_folder_and_the_aggregate_has_the_shape_of_a_result(clone, blogkit):
    clone.add("01_one", RAN, CLAIMS)
    clone.profile("smoke", "seed: 7\nrate: 0.5\n")
    assert whole(clone, profile="smoke") is None
    code, out, err = blogkit("run", "01", "--profile", "smoke", "--seeds", "3", "--jobs", "2")
    assert (code, err) == (0, "")
    assert "[3/3] 01_one, seed " in out
    assert "Notebooks: 1 ran, 0 skipped, 0 failed." in out
    assert "Findings: 1 holds, 1 fails." in out
    runs = clone.root / "runs/smoke"
    assert f"Results: {runs / 'seeds-3'}" in out
    assert sorted(os.listdir(runs)) == ["seed-0", "seed-1", "seed-2", "seeds-3"]
    assert os.listdir(runs / "seeds-3") == ["01_one.json"]
    singles = [clone.result("01_one", f"smoke/seed-{seed}") for seed in range(3)]
    for seed, single in enumerate(singles):
        assert sorted(os.listdir(runs / f"seed-{seed}")) == ["01_one.ipynb", "01_one.json"]
        assert single["parameters"] == {"seed": seed, "rate": 0.5}

    result = whole(clone, profile="smoke")
    assert result == clone.result("01_one", "smoke/seeds-3")
    added = {"seeds", "results", "seconds_by_seed", "differences"}
    assert result.keys() == singles[0].keys() | added
    assert result["seeds"] == [0, 1, 2] and result["parameters"] == {"rate": 0.5}
    assert result["seconds_by_seed"] == [single["seconds"] for single in singles]
    assert result["seconds"] == pytest.approx(sum(result["seconds_by_seed"]), abs=0.051)
    assert result["started"] == min(single["started"] for single in singles)
    assert result["measured"] == [{"name": "time", "value": 2.0, "unit": "s", "values": [1.0, 2.0, 3.0]}]
    assert result["differences"] == {}
    peaks = [single["environment"]["peak_memory_mb"] for single in singles]
    assert result["environment"] == singles[0]["environment"] | {"peak_memory_mb": max(peaks)}
    number, truth = map(Claim.from_dict, result["claims"])
    assert (number.values, number.seeds, number.passes) == ((2, 3, 4), 3, True)
    assert (truth.value, truth.seeds) == (False, 3)
    assert truth.differs == "the third seed; fails in 1 of 3 runs"


def test_more_seeds_run_only_those_that_are_missing(clone, blogkit):
    path = clone.add("01_one", RAN, CLAIMS)
    assert blogkit("run", "--seeds", "1")[0] == 0
    assert blogkit("run", "--seeds", "3")[0] == 0
    assert ran(path) == {"0": 1, "1": 1, "2": 1}
    before = clone.result("01_one", "default/seeds-3")
    code, out, _ = blogkit("run", "--seeds", "3")
    assert (code, ran(path)) == (0, {"0": 1, "1": 1, "2": 1})
    assert "Notebooks: 0 ran, 1 skipped, 0 failed." in out and "01 C1" in out
    assert clone.result("01_one", "default/seeds-3") == before

    (clone.root / "runs/default/seeds-3/01_one.json").write_text("{")
    assert blogkit("run", "--seeds", "3")[0] == 0
    assert ran(path) == {"0": 1, "1": 1, "2": 1}
    assert clone.result("01_one", "default/seeds-3") == before

    assert blogkit("run", "--seeds", "1", "--force")[0] == 0
    assert blogkit("run", "--seeds", "1", "-p", "rate", "0.2")[0] == 0
    assert ran(path) == {"0": 3, "1": 1, "2": 1}
    assert whole(clone, seeds=1)["parameters"] == {"rate": 0.2}
    assert whole(clone, seeds=3)["parameters"] == {"rate": 0.1}


def test_a_seed_that_fails_fails_the_notebook_and_leaves_the_aggregate_of_before(clone, blogkit):
    source = 'import pathlib\nassert seed != 1 or pathlib.Path("ready").exists(), "not ready"'
    path = clone.add("01_one", RAN, source, CLAIMS)
    clone.add("02_two", CLAIMS)
    path.with_name("ready").touch()
    assert blogkit("run", "01", "--seeds", "2")[0] == 0
    path.with_name("ready").unlink()
    before = whole(clone, seeds=2)

    code, out, _ = blogkit("run", "--seeds", "2", "--force")
    assert code == 1
    assert "01_one, seed 1" in out and "not ready" in out
    assert "Notebooks: 1 ran, 0 skipped, 1 failed." in out
    assert "02 C1" in out and "01 C1" not in out
    assert whole(clone, seeds=2) == before
    path.with_name("ready").touch()
    code, out, _ = blogkit("run", "01", "--seeds", "2")  # seed 1 still has its former result
    assert code == 0 and ran(path) == {"0": 2, "1": 2}
    after = whole(clone, seeds=2)
    assert after["results"] != before["results"] and after["claims"] == before["claims"]


def test_an_interrupt_keeps_the_seeds_that_have_ended(clone, monkeypatch):
    path = clone.add("01_one", RAN, CLAIMS)
    (repeats,) = planned(clone)
    run_seeds([dataclasses.replace(repeats, jobs=repeats.jobs[:1])])
    before = whole(clone)

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(seeds_module, "run", interrupt)
        run_seeds([repeats], force=True)
    assert whole(clone) == before and before["seeds"] == [0]
    (outcome,) = run_seeds([repeats])
    assert (outcome.name, outcome.status) == ("01_one", "ran")
    assert ran(path) == {"0": 1, "1": 1, "2": 1}


def planned(clone, seeds=3):
    project = clone.project
    return plan_seeds(project, project.select([]), "default", [], "tensorflow", seeds)


def write_results(repeats, *changes):
    """Result files of all seeds, as if they had run; `changes` are those of each seed."""
    for job, change in zip(repeats.jobs, changes, strict=True):
        job.folder.mkdir(parents=True, exist_ok=True)
        job.executed.touch()
        result = {
            "notebook": job.name,
            "parameters": job.parameters,
            "claims": [],
            "measured": [],
            "trainable_parameters": 5,
            "started": "2026-01-01T00:00:00+00:00",
            "seconds": 1.0,
            "environment": {"device": "A", "versions": {"numpy": "2.0"}, "peak_memory_mb": 1.0},
            "data": [{"name": "digits", "parts": {"train": {"rows": 3, "sha256": "a"}}}],
            "fingerprint": job.fingerprint,
            "inputs": job.inputs,
            "files": [],
        }
        job.result.write_text(json.dumps(result | change))


def test_what_differs_between_the_machines_and_data_of_the_seeds_is_listed(clone):
    clone.add("01_one")
    (repeats,) = planned(clone)
    other = {
        "environment": {"device": "B", "versions": {"jax": "1.0"}, "peak_memory_mb": 3.0},
        "data": [{"name": "digits", "parts": {"train": {"rows": 3, "sha256": "b"}}}],
        "trainable_parameters": 6,
    }
    write_results(repeats, {}, other, {"started": "2025-12-31T00:00:00+00:00"})
    (outcome,) = run_seeds([repeats])
    assert (outcome.status, outcome.error) == ("skipped", "")
    result = whole(clone)
    assert result["differences"] == {
        "environment.device": ["A", "B", "A"],
        "environment.versions.numpy": ["2.0", None, "2.0"],
        "environment.versions.jax": [None, "1.0", None],
        "data.digits.train.sha256": ["a", "b", "a"],
        "trainable_parameters": [5, 6, 5],
    }
    assert result["environment"]["device"] == "A" and result["environment"]["peak_memory_mb"] == 3.0
    assert result["started"].startswith("2025")


def test_claims_that_cannot_be_aggregated_fail_their_notebook_alone(clone, capsys):
    clone.add("01_one")
    clone.add("02_two")
    first, second = planned(clone, seeds=2)
    fields = dict(id="C1", kind="identity", sentence="s", value=0, at_most=1)
    claims = [[Claim(dataset=name, **fields).to_dict()] for name in ("digits", "faces")]
    write_results(first, *({"claims": one} for one in claims))
    write_results(second, {}, {})
    outcomes = run_seeds([first, second])
    assert [outcome.status for outcome in outcomes] == ["failed", "skipped"]
    assert "'digits' and 'faces'" in outcomes[0].error
    assert outcomes[0].error in capsys.readouterr().out
    assert not first.whole.result.exists() and second.whole.result.exists()


def test_a_lost_seed_fails_its_notebook(clone, monkeypatch):
    clone.add("01_one")
    statuses = iter(["ran", "failed"])
    monkeypatch.setattr(
        seeds_module, "run", lambda jobs, **how: [Outcome(job.label, next(statuses), 2.0) for job in jobs]
    )
    (outcome,) = run_seeds(planned(clone, seeds=2))
    assert (outcome.name, outcome.status, outcome.seconds) == ("01_one", "failed", 4.0)
    assert outcome.error == "failed: 01_one, seed 1"


def test_a_results_folder_that_cannot_be_made_is_a_failure_not_a_crash(clone, blogkit):
    clone.add("01_one")
    (clone.root / "runs").write_text("a file where the folder should be")
    code, out, err = blogkit("run", "--seeds", "2")
    assert (code, err) == (1, "")
    assert "Notebooks: 0 ran, 0 skipped, 1 failed." in out and str(clone.root / "runs") in out
