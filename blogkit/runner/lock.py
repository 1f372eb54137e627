"""One process at a time runs a notebook into a folder."""

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path

import filelock


class InUse(Exception):
    """Another process is running the notebook; the message names it."""


@contextlib.contextmanager
def locked(path: Path, what: str, wait: float = 0.0) -> Iterator[None]:
    """Context manager that holds the lock file `path`, which says who holds it and is removed at the end.

    The operating system releases the lock of a process that is killed. On a file system without
    locks nothing is locked.

    Args:
        path: The lock file.
        what: What is locked, for the error.
        wait: Seconds to wait for another process.

    Raises:
        InUse: If another process holds the lock for longer.
    """
    lock = filelock.FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=wait)
    except filelock.Timeout:
        raise InUse(f"{what} is being run by {_holder(path)}. Wait until it has ended, or end it.") from None
    except NotImplementedError:
        yield
        return
    try:
        path.write_text(json.dumps({"process": os.getpid(), "host": platform.node()}), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps files that are open
            path.unlink()  # before the release: a process that waits for this file then tries anew
        lock.release()


def _holder(path):
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return f"process {found['process']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):  # it has not written that yet
        return "another process"
