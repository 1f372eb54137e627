import io
import re

import pytest
from rich.cells import cell_len

from blogkit.runner import progress as module
from blogkit.runner.job import Outcome
from blogkit.runner.progress import Progress, clock


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def now(monkeypatch):
    """The time in seconds, set by the test."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def screen(text):
    """The lines that a terminal shows after `text`."""
    return [re.split(r"\r\x1b\[K", line)[-1] for line in text.split("\n")]


def test_a_terminal_shows_the_running_cell_then_the_outcome(now, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    progress = Progress(2, stream)
    on_cell = progress.watch("01_one")
    now[0] += 65
    on_cell(3, 9, "Training")
    assert screen(stream.getvalue()) == ["01_one  01:05  cell 3/9  Training"]
    on_cell(4, 9, "训练" * 30)  # two columns a character
    (line,) = screen(stream.getvalue())
    assert line.startswith("01_one  01:05  cell 4/9  训练") and cell_len(line) == 39
    progress.done(Outcome("01_one", "failed", 66.4, "Traceback\nKeyError"))
    progress.done(Outcome("02_two", "ran", 3675.0))
    assert screen(stream.getvalue()) == [
        "[1/2] 01_one  01:06  failed",
        "    Traceback",
        "    KeyError",
        "[2/2] 02_two  1:01:15  ran",
        "",
    ]


def test_a_log_repeats_the_running_cell_once_a_minute(now):
    stream = io.StringIO()
    on_cell = Progress(1, stream).watch("01_one")
    for second in range(0, 150, 10):
        now[0] = 100.0 + second
        on_cell(second, 200, "Training")
    assert stream.getvalue() == (
        "01_one  01:00  cell 60/200  Training\n01_one  02:00  cell 120/200  Training\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "00:00"),
        (59.6, "01:00"),
        (3599.4, "59:59"),
        (3599.6, "1:00:00"),
        (36000, "10:00:00"),
    ],
)
def test_clock(seconds, text):
    assert clock(seconds) == text
