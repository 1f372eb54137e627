"""Suppress the messages that a backend writes while it starts."""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Hold back what native code writes to stderr, and write it only if the body raises.

    TensorFlow's C++ code writes to stderr before it reads
    `TF_CPP_MIN_LOG_LEVEL`, so setting this variable is not enough.

    Example:

    >>> with quiet_start():
    ...     import keras
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    stderr = _Stderr(os.dup(2))
    # Messages of Python code pass. In a notebook kernel `sys.stderr` does not use descriptor 2.
    python = stderr if sys.stderr is sys.__stderr__ else sys.stderr
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            with contextlib.redirect_stderr(python):
                yield
        except BaseException:
            kept.seek(0)
            stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            stderr.end()


class _Stderr(io.TextIOBase):
    """Stream to a copy of descriptor 2, and to 2 itself after `end`, for loggers that keep it."""

    def __init__(self, copy):
        self.descriptor = copy

    def write(self, text):
        os.write(self.descriptor, text.encode(errors="backslashreplace"))
        return len(text)

    def end(self):
        os.dup2(self.descriptor, 2)
        os.close(self.descriptor)
        self.descriptor = 2
