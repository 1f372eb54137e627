"""Runs that a signal ends leave no partial result and no kernel."""

import os
import signal
import subprocess
import sys

import pytest
from processes import is_gone, until

# Announces its kernel, then waits for ever; the second time it goes through.
WAITS = """
import os, pathlib, time
first = not pathlib.Path("pid").exists()
pathlib.Path("pid.new").write_text(str(os.getpid()))
pathlib.Path("pid.new").rename("pid")
time.sleep(600 * first)"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


@pytest.fixture
def start(clone):
    """Function that starts a command on `clone` and returns (process, pid of its busy kernel)."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "blogkit", *arguments, "--root", str(clone.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # A shell's background job ignores Ctrl-C, and so would all it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        processes.append(process)
        pid = clone.root / "notebooks" / "pid"
        until(pid.exists, 60)
        return process, int(pid.read_text())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_killed_run_leaves_nothing_to_skip(clone, blogkit, start):
    clone.add("01_one", WAITS)
    process, kernel = start("run")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    runs = clone.root / "runs" / "default"
    assert not list(runs.glob("01_one*"))
    until(lambda: is_gone(kernel), 20)  # a kernel ends when its parent is gone

    code, out, _ = blogkit("run")
    assert code == 0 and "1 ran" in out
    assert sorted(os.listdir(runs)) == ["01_one.ipynb", "01_one.json"]


@pytest.mark.parametrize("command", ["run", "refresh"])
def test_an_interrupt_ends_kernels_and_starts_no_other(clone, start, command):
    path = clone.add("01_one", WAITS)
    clone.add("02_two", "open('started', 'w').close()")
    before = path.read_bytes()
    process, kernel = start(command)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.startswith("blogkit: interrupted") and err.count("\n") == 1
    assert is_gone(kernel)
    assert path.read_bytes() == before
    assert not path.with_name("started").exists()
    assert not list((clone.root / "runs").rglob("*.json"))
