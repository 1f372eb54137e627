"""Starting a backend without its start-up messages."""

import contextlib
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
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(stderr, 2)
            kept.seek(0)
            os.write(2, kept.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
