"""One process at a time runs a notebook of a profile; a killed one leaves no lock."""

import json
import multiprocessing
import os
import platform
import signal
import time

import pytest
from processes import until

from blogkit.runner.job import Job
from blogkit.runner.lock import InUse, locked


def hold(path, ready):
    with locked(path, "it"):
        ready.set()
        signal.pause()


@pytest.fixture
def holder(tmp_path):
    """Function from a path to the process that holds its lock."""
    spawn, processes = multiprocessing.get_context("spawn"), []

    def start(path):
        ready = spawn.Event()
        processes.append(spawn.Process(target=hold, args=(path, ready)))
        processes[-1].start()
        assert ready.wait(120)
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.join()


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_second_run_is_refused_and_others_of_the_profile_go_on(clone, blogkit, holder):
    clone.add("01_one", "open('ran', 'a').write('x')")
    clone.add("02_two")
    job = Job(clone.root / "notebooks/01_one.ipynb", clone.root / "runs/default", {}, "jax", "")
    work = job.folder / f"{job.work_prefix}abc"
    work.mkdir(parents=True)
    process = holder(job.lock)
    code, out, err = blogkit("run")
    assert (code, err) == (1, "")
    said = f"01_one of profile 'default' is being run by process {process.pid} on {platform.node()}. "
    assert f"    {said}Wait until it has ended, or end it.\n" in out
    assert "1 ran, 0 skipped, 1 failed" in out
    assert work.exists() and not (clone.root / "notebooks/ran").exists()
    process.kill()
    process.join()
    assert job.lock.exists()
    code, out, _ = blogkit("run")
    assert code == 0 and "1 ran, 1 skipped, 0 failed" in out
    names = ["01_one.ipynb", "01_one.json", "02_two.ipynb", "02_two.json"]
    assert sorted(os.listdir(job.folder)) == names


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_waits_as_long_as_it_is_told(tmp_path, holder):
    path = tmp_path / "lock"
    process = holder(path)
    began = time.monotonic()
    with pytest.raises(InUse, match=f"it is being run by process {process.pid} on "), locked(path, "it", 1.0):
        pass
    assert 1.0 <= time.monotonic() - began < 20
    process.kill()
    with locked(path, "it", 60):
        assert json.loads(path.read_text())["process"] == os.getpid()
    assert not path.exists()
    until(lambda: not process.is_alive())


def test_a_seed_names_its_profile(tmp_path):
    job = Job(tmp_path / "01_one.ipynb", tmp_path / "paper" / "seed-1", {}, "jax", "", seed=1)
    assert (job.profile, job.label) == ("paper", "01_one, seed 1")
