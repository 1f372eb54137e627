"""Long profiles save checkpoints, and the same command continues after a failure or a kill."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from processes import until

from blogkit.report import checkpoint_folder
from blogkit.runner.job import Job

SHOWS = """
from blogkit.report import checkpoint_folder
open("folder", "a").write(f"{checkpoint_folder()}\\n")"""

# Counts its own runs in its checkpoints; the first one fails.
FAILS_ONCE = """
from blogkit.report import checkpoint_folder
count = checkpoint_folder() / "count"
count.parent.mkdir(parents=True, exist_ok=True)
before = count.read_text() if count.exists() else ""
count.write_text(before + "I")
open("counts", "a").write(before + "I ")
assert before, "the first run fails" """

KILLS, EPOCHS, WAIT = 3, 100, 600  # seconds: also on a busy machine
TRAINS = f"""
import os, time
import keras, numpy as np
from blogkit.models import ShuffledBatches, resumable_fit
from blogkit.report import checkpoint_folder
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
x = rng.normal(size=(64, 5)).astype("float32")
layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input((5,)), *layers])
model.compile(keras.optimizers.Adam(0.01), loss="mse")
slow = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: time.sleep(0.05))
open(f"started-{{os.getpid()}}", "w").close()
history = resumable_fit(
    model, ShuffledBatches((x, x[:, 0] * x[:, 1]), 8, seed), folder=checkpoint_folder(), epochs={EPOCHS},
    verbose=0, callbacks=[slow],
)
report.measure("losses", sum(history["loss"]), "1")
report.measure("epochs", len(history["loss"]), "1")
report.measure("weights", float(sum(np.abs(w).sum() for w in model.get_weights())), "1")"""


def test_only_long_profiles_save_checkpoints(clone, blogkit, monkeypatch):
    monkeypatch.setenv("BLOGKIT_CHECKPOINTS", "elsewhere")  # of a run that started this one
    clone.add("01_one", SHOWS)
    for profile in ("smoke", "paper", "evening"):
        clone.profile(profile, "rate: 0.2\n")
    for profile in ("default", "smoke", "paper", "evening"):
        assert blogkit("run", "--profile", profile)[0] == 0
    folders = (clone.root / "notebooks" / "folder").read_text(encoding="utf-8").splitlines()
    runs = clone.root.resolve() / "runs"
    assert folders[:2] == ["None", "None"]
    for profile, folder in zip(("paper", "evening"), folders[2:], strict=True):
        digits = clone.result("01_one", profile)["fingerprint"][:12]
        assert folder == str(runs / profile / ".checkpoints" / f"01_one-{digits}")
        assert sorted(os.listdir(runs / profile)) == ["01_one.ipynb", "01_one.json"]  # created by nobody


def test_checkpoints_are_kept_after_a_failure_and_removed_after_success(clone, blogkit):
    clone.add("01_one", FAILS_ONCE)
    clone.profile("paper", "rate: 0.2\n")
    parent = clone.root / "runs" / "paper" / ".checkpoints"
    code, out, _ = blogkit("run", "--profile", "paper")
    assert code == 1 and f"Checkpoints, from which the same command continues: {parent}" in out
    code, out, _ = blogkit("run", "--profile", "paper", "-p", "seed", 1)  # another job: starts anew
    assert code == 1 and len(list(parent.iterdir())) == 2
    code, _, _ = blogkit("run", "--profile", "paper")
    assert code == 0 and clone.result("01_one", "paper")["resumed"] is True
    assert len(list(parent.iterdir())) == 1  # of the other job
    assert blogkit("run", "--profile", "paper", "-p", "seed", 1)[0] == 0 and not parent.exists()
    counts = (clone.root / "notebooks" / "counts").read_text()
    assert counts == "I I II II "


def test_jobs_of_another_folder_or_fingerprint_share_no_checkpoints(tmp_path):
    job = Job(tmp_path / "01_one.ipynb", tmp_path / "runs", {}, "jax", 64 * "a", resumes=True)
    others = [
        dataclasses.replace(job, folder=tmp_path / "runs" / "seed-1"),
        dataclasses.replace(job, fingerprint=64 * "b"),
        dataclasses.replace(job, notebook=tmp_path / "02_two.ipynb"),
    ]
    assert len({job.checkpoints, *(other.checkpoints for other in others)}) == 4
    assert others[0].checkpoints.is_relative_to(others[0].folder)
    assert dataclasses.replace(job, resumes=False).checkpoints is None


def test_a_chosen_folder_goes_before_the_runners(monkeypatch, tmp_path):
    monkeypatch.setenv("BLOGKIT_CHECKPOINTS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert checkpoint_folder() == tmp_path
    assert checkpoint_folder("~/saved") == tmp_path / "home" / "saved"
    monkeypatch.delenv("BLOGKIT_CHECKPOINTS")
    assert checkpoint_folder() is None


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_killed_run_continues_to_the_result_of_an_unbroken_one(clone):
    """The kernel of a killed run lives on for a moment, and the next one waits for it."""
    clone.add("01_one", TRAINS)
    for profile in ("evening", "paper"):
        clone.profile(profile, "rate: 0.2\n")
    rng = random.Random(0)
    assert run(clone, "evening").wait(WAIT) == 0
    for kill in range(KILLS):
        process = run(clone, "paper")
        until(lambda: started(clone) == 2 + kill, WAIT)
        before = saved(clone)
        until(lambda: saved(clone) > before, WAIT)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < saved(clone) < EPOCHS
    assert run(clone, "paper").wait(WAIT) == 0
    assert started(clone) == 2 + KILLS
    whole, resumed = (clone.result("01_one", profile) for profile in ("evening", "paper"))
    assert resumed["measured"] == whole["measured"] and resumed["claims"] == whole["claims"]
    assert resumed["resumed"] and "resumed" not in whole


def started(clone):
    """How many kernels have come to the training."""
    return len(list((clone.root / "notebooks").glob("started-*")))


def run(clone, profile):
    command = [sys.executable, "-m", "blogkit", "--root", str(clone.root), "run", "--profile", profile]
    return subprocess.Popen(
        [*command, "--backend", "jax"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def saved(clone):
    """The newest epoch in the checkpoints."""
    found = (clone.root / "runs" / "paper" / ".checkpoints").glob("*/training/epoch-*")
    return max((int(path.name.removeprefix("epoch-")) for path in found), default=0)
