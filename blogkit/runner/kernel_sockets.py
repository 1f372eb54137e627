"""Where a kernel and its client meet: socket files of their own, or encrypted TCP ports."""

import contextlib
import dataclasses
import os
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows, which has no socket files in Python either
    fcntl = None

PREFIX = "blogkit-kernel-"
NEW = 60  # seconds in which a folder may not be locked yet
NAME = "k"  # of the files, to which jupyter_client adds -1 to -5; their whole path has about 100 bytes


@dataclasses.dataclass(frozen=True)
class KernelSockets:
    """The way to one kernel.

    jupyter_client chooses free TCP ports and closes them before the kernel binds them, so that another
    program can take one in between, and the kernel never answers. Files in a folder that only their owner
    enters can be taken by nobody.

    Args:
        folder: The folder of the files; None where there are none, and TCP is used.
        lock: Open while the folder is in use.
    """

    folder: Path | None = None
    lock: object = None

    @classmethod
    def open(cls) -> "KernelSockets":
        """A new folder; none if socket files do not work here: their path is too long, for example."""
        if fcntl is None or not hasattr(socket, "AF_UNIX"):
            return cls()
        for parent in dict.fromkeys([tempfile.gettempdir(), "/tmp"]):  # the former may be long
            with contextlib.suppress(OSError):
                _remove_abandoned(Path(parent))
                folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
                lock = _locked(folder)
                if _binds(folder / f"{NAME}-0"):
                    return cls(folder, lock)
                cls(folder, lock).close()
        return cls()

    def configure(self, manager) -> None:
        """Have a `jupyter_client` kernel manager use the files, or else encrypt what goes through TCP."""
        if self.folder is None:
            # Otherwise a kernel warns on stderr that other users of the machine could read its TCP port.
            manager.transport_encryption = "auto"
            return
        manager.transport = "ipc"
        manager.ip = str(self.folder / NAME)
        manager.connection_file = str(self.folder / "kernel.json")

    def close(self) -> None:
        """Remove the folder."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.lock.close()


def _locked(folder):
    """An open file in `folder` with a lock, which ends with the process at the latest.

    Raises:
        OSError: If another process has it.
    """
    file = (folder / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _binds(path):
    """Whether a socket file works at `path`."""
    with socket.socket(socket.AF_UNIX) as found:
        try:
            found.bind(str(path))
        except OSError:
            return False
    path.unlink()
    return True


def _remove_abandoned(parent):
    """Remove the folders of processes of this user that were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # in use, or gone
            found = folder.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()  # and no link to elsewhere
            if ours and time.time() - found.st_mtime > NEW:
                _locked(folder).close()
                shutil.rmtree(folder)
