"""A record is replaced as a whole: whenever the process is killed, the old one or the new one is there."""

import errno
import os
import signal
import subprocess
import sys

import pytest
from example_record import PNG, PNGS, record, write

from blogkit.report.record import figure_bytes, read_record
from blogkit.runner.record_files import finish, half_replaced, replace_record

OLD = dict(pngs=(PNG + b"1", PNG + b"2", PNG + b"3"), date="2026-01-01")

# Writes the new record and dies by SIGKILL before the step `sys.argv[2]` of those that change the disk.
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {helpers!r})
from example_record import write
from blogkit.runner import record_files
left = int(sys.argv[2])
def step(event, arguments):
    global left
    writes = event == "open" and isinstance(arguments[1], str) and "x" in arguments[1]
    if writes or event in ("os.rename", "os.remove", "os.rmdir"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
write(Path(sys.argv[1]))
"""


def content(folder):
    """(date, bytes of the figures) of the one record in `folder`; an error if they do not fit."""
    found = read_record(folder / "01_one.evening.cpu.json")
    return found.date, tuple(figure_bytes(folder, found, figure) for figure in found.figures)


def names(folder):
    return sorted(os.listdir(folder))


def test_replaces_json_and_figures_and_drops_what_the_new_one_lacks(tmp_path):
    write(tmp_path, **OLD)
    write(tmp_path, notebook="01_one", profile="paper")
    write(tmp_path)
    assert content(tmp_path) == ("2026-11-30", PNGS)
    evening = [f"01_one.evening.cpu.{end}" for end in ("1.png", "2.png", "json")]
    assert names(tmp_path) == evening + [name.replace("evening", "paper") for name in evening]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_at_any_step_there_is_the_old_or_the_new_record(tmp_path, root):
    code = KILLED.format(helpers=str(root / "tests" / "helpers"))
    states = []
    for steps in range(20):
        folder = tmp_path / str(steps)
        write(folder, **OLD)
        done = subprocess.run(
            [sys.executable, "-c", code, folder, str(steps)], capture_output=True, text=True
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        if half_replaced(folder, "01_one"):
            assert half_replaced(folder, "01_one") == ["01_one.evening.cpu"]
            finish(folder)
            states.append("new")
        else:
            states.append("old" if content(folder)[0] == OLD["date"] else "new")
        old_or_new = (OLD["date"], OLD["pngs"]) if states[-1] == "old" else ("2026-11-30", PNGS)
        assert content(folder) == old_or_new
        assert half_replaced(folder, "01_one") == []
        write(folder)  # and the next recording leaves nothing behind
        assert names(folder) == [f"01_one.evening.cpu.{end}" for end in ("1.png", "2.png", "json")]
        if done.returncode == 0:
            break
    assert done.returncode == 0
    # Old while files are written and until the folder is renamed (4 steps), then new.
    assert states == ["old"] * 4 + ["new"] * (len(states) - 4) and len(states) == 10


def test_on_a_full_disk_the_old_record_stays(tmp_path, monkeypatch):
    write(tmp_path, **OLD)
    before = names(tmp_path)

    def full(file):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path)
    assert names(tmp_path) == before and content(tmp_path)[0] == OLD["date"]


def test_another_record_that_is_being_written_is_left_alone(tmp_path):
    (tmp_path / ".01_one.paper.cpu.ab12.writing").mkdir()
    (tmp_path / ".01_one.evening.cpu.ab12.writing").mkdir()
    write(tmp_path)
    assert [name for name in names(tmp_path) if name.startswith(".")] == [".01_one.paper.cpu.ab12.writing"]


def test_figures_and_pictures_must_be_as_many(tmp_path):
    with pytest.raises(ValueError):
        replace_record(tmp_path, record(), PNGS[:1])
    assert names(tmp_path) == []
