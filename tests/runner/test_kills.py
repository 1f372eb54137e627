"""Kernel, runner or both killed at random moments: no result is lost, and the last run is as if unbroken.

`BLOGKIT_KILLS=100 pytest tests/runner/test_kills.py -s` takes about half an hour on one core and prints
what it has hit.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter

import nbformat
import pytest
from processes import until

from blogkit.runner.project import read_result
from blogkit.runner.result_files import finish
from blogkit.runner.shown_claims import shown_claims

psutil = pytest.importorskip("psutil")  # comes with distributed
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")

KILLS = int(os.environ.get("BLOGKIT_KILLS", "6"))
RATES = (0.25, 0.5)  # of alternate runs, so that every run replaces results with other ones

SUMS = "import time\ntotal = 0\nfor step in range(20):\n    total += step * rate\n    time.sleep(0.02)"
RESUMES = """
import json, time
from blogkit.report import checkpoint_folder
total, first = 0, 0
folder = checkpoint_folder()
folder.mkdir(parents=True, exist_ok=True)
state = folder / "state.json"
if state.exists():
    total, first = json.loads(state.read_text())
for step in range(first, 20):
    total += step * rate
    new = state.with_suffix(f".{time.monotonic_ns()}")
    new.write_text(json.dumps([total, step + 1]))
    new.replace(state)
    time.sleep(0.05)"""
CLAIM = """\
report.claim("C1", "sum", total, kind="finding", at_least=0, null=-1, dataset="arithmetic")
report"""
NAMES = ("01_sums", "02_sums", "03_resumes")


def start(clone, rate, profile="paper"):
    command = [sys.executable, "-m", "blogkit", "--root", str(clone.root), "run", "--profile", profile]
    return subprocess.Popen(
        [*command, "-p", "rate", str(rate), "--jobs", "3", "--backend", "jax"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def ended(process):
    """Exit code and output of a process."""
    with process:
        out, _ = process.communicate(timeout=300)
    return process.returncode, out


def kernels_of(process):
    """The kernels of a runner; none before it has imported its tools, and after its end."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def at_work(process):
    """Wait until a runner has started a kernel, or has ended."""
    until(lambda: kernels_of(process) or process.poll() is not None)
    return time.monotonic()


def killed(process, target):
    """Kill the runner, a kernel or everything with SIGKILL; False if there was nothing to kill."""
    kernels = kernels_of(process)
    victims = {"runner": [], "kernel": kernels[:1], "both": kernels}[target]
    if process.poll() is not None or (target != "runner" and not victims):
        return False
    if target != "kernel":
        process.kill()
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            return target == "both"
    return True


def pairs(clone):
    """The value in each result file, which the notebook beside it shows, too."""
    found = {}
    for name in NAMES:
        folder = clone.root / "runs" / "paper"
        finish(folder, name)
        result = read_result(folder / f"{name}.json")
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        assert shown_claims(notebook)[-1]["claims"] == result["claims"]
        assert result["parameters"]["rate"] == result["inputs"]["parameters"]["rate"]
        found[name] = result["claims"][0]["value"]
    return found


def test_kills_lose_no_result_and_change_no_claim(clone):
    for name in NAMES:
        clone.add(name, RESUMES if name == "03_resumes" else SUMS, CLAIM)
    for profile in ("paper", "evening"):
        clone.profile(profile, "seed: 1\n")
    whole = {}
    for rate in RATES:
        assert ended(start(clone, rate, "evening"))[0] == 0
        whole[rate] = {name: clone.result(name, "evening")["claims"] for name in NAMES}
        values = {name: claims[0]["value"] for name, claims in whole[rate].items()}
        assert set(values.values()) == {190 * rate}
    began, process = time.monotonic(), start(clone, RATES[0])
    worked = at_work(process)
    assert ended(process)[0] == 0
    length, work = time.monotonic() - began, time.monotonic() - worked

    rng, hit, without_kernel, whole_runs, rate = random.Random(0), Counter(), 0, 0, RATES[1]
    while hit.total() < KILLS:
        process, target = start(clone, rate), rng.choice(("kernel", "runner", "both"))
        if rng.random() < 0.2:  # in the whole run, of which imports take most
            time.sleep(rng.uniform(0.1, 1.0) * length)
        else:
            at_work(process)
            time.sleep(rng.uniform(0.0, 1.0) * work)
        idle = not kernels_of(process)
        if killed(process, target):
            hit[target] += 1
            without_kernel += idle
        code, out = ended(process)
        values = pairs(clone)
        assert set(values.values()) <= {190 * rate for rate in RATES}, values
        if code == 0:
            assert set(values.values()) == {190 * rate} and "3 failed" not in out
            whole_runs, rate = whole_runs + 1, RATES[rate == RATES[0]]
        else:
            assert code in (-9, 1, 2, 3), out
    code, out = ended(start(clone, rate))
    assert code == 0, out
    assert {name: clone.result(name, "paper")["claims"] for name in NAMES} == whole[rate]
    left = sorted(path.name for path in (clone.root / "runs" / "paper").iterdir())
    files = {f"{name}{end}" for name in NAMES for end in (".ipynb", ".json")}
    assert files <= set(left) and not [name for name in left if name.startswith(".0")], left
    said = {"kills": hit, "without a kernel": without_kernel, "runs that ended": whole_runs}
    print(json.dumps(said | {"seconds of a run": round(length, 1), "of its notebooks": round(work, 1)}))
