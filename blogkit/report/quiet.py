"""Starting a backend without its start-up messages."""

import contextlib
import io
import os
import sys
import tempfile


@contextlib.contextmanager
def quiet_start():
    """Keep what native code writes to stderr out of the way, unless the body fails.

    TensorFlow writes through C++ before its own log level applies, so
    `TF_CPP_MIN_LOG_LEVEL` does not help there. If the body raises, everything
    that was kept back is written after all.

    Example:

    >>> with quiet_start():
    ...     import keras
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    stderr = _Stderr(os.dup(2))
    # Python's own messages pass; a kernel's `sys.stderr` does not use the descriptor.
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
    """Writes to a copy of descriptor 2 and, after `end`, to 2 itself: a logger may keep it."""

    def __init__(self, copy):
        self.descriptor = copy

    def write(self, text):
        os.write(self.descriptor, text.encode(errors="backslashreplace"))
        return len(text)

    def end(self):
        os.dup2(self.descriptor, 2)
        os.close(self.descriptor)
        self.descriptor = 2
