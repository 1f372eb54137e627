"""Progress of packing: one line a step, and a count that a terminal overwrites."""

import shutil
import sys
import time
from typing import TextIO

HEARTBEAT = 20.0  # seconds between counts where a line cannot be overwritten (a log file)


class Steps:
    """Prints what is being done.

    Args:
        stream: Where to print; default the standard output.
    """

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        self._said = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line.

        Example:

        >>> Steps().say("112 packages")
        112 packages
        """
        self._write(("\r\x1b[K" if self.terminal else "") + text + "\n")

    def count(self, text: str) -> None:
        """Show `text` until the next call; in a log file at most once in `HEARTBEAT` seconds."""
        now = time.monotonic()
        if self.terminal:
            self._write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
        elif now - self._said >= HEARTBEAT:
            self._said = now
            self._write(text + "\n")

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()


def megabytes(size: int) -> str:
    """Bytes as megabytes of 10**6, with a decimal below 10.

    Example:

    >>> megabytes(283_366_259), megabytes(1_950_000)
    ('283 MB', '1.9 MB')
    """
    return f"{size / 1e6:.0f} MB" if size >= 9.95e6 else f"{size / 1e6:.1f} MB"
