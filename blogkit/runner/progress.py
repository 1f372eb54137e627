"""Progress of running notebooks: elapsed time and current cell, one line for each notebook."""

import shutil
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from rich.cells import set_cell_size

from blogkit.runner.job import Outcome

HEARTBEAT = 60.0  # seconds between lines where a line cannot be overwritten (a log file)


class Progress:
    """Prints the progress of each notebook, on one line that a terminal overwrites.

    Thread-safe. A log file gets the current cell at most once in `HEARTBEAT`
    seconds.
    """

    def __init__(self, total: int, stream: TextIO | None = None):
        self.total, self.stream = total, stream or sys.stdout
        self.terminal = self.stream.isatty()
        self._done = 0
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}

    def watch(self, name: str) -> Callable[[int, int, str], None]:
        """A callback for `execute` that shows the current cell of notebook `name`."""
        start = time.monotonic()
        self._said[name] = start

        def on_cell(cell, cells, heading):
            now = time.monotonic()
            text = f"{name}  {clock(now - start)}  cell {cell}/{cells}  {heading}"
            with self._lock:
                if self.terminal:
                    self._overwrite(text)
                elif now - self._said[name] >= HEARTBEAT:
                    self._said[name] = now
                    self._line(text)

        return on_cell

    def done(self, outcome: Outcome) -> None:
        """Print the outcome of a notebook."""
        with self._lock:
            self._done += 1
            text = f"[{self._done}/{self.total}] {outcome.name}  {clock(outcome.seconds)}  {outcome.status}"
            if self.terminal:
                self._overwrite("")
            self._line(text)
            for line in (outcome.note or outcome.error).splitlines():
                self._line(f"    {line}")

    def say(self, text: str) -> None:
        """Print a line of its own."""
        with self._lock:
            self._line(text)

    def _overwrite(self, text):
        width = shutil.get_terminal_size().columns - 1
        fitting = set_cell_size(text, width).rstrip()  # a Chinese character fills two columns
        self.stream.write("\r\x1b[K" + fitting)
        self.stream.flush()

    def _line(self, text):
        self.stream.write(text + "\n")
        self.stream.flush()


def clock(seconds: float) -> str:
    """Seconds as `MM:SS` or `H:MM:SS`.

    >>> clock(75), clock(3675)
    ('01:15', '1:01:15')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
