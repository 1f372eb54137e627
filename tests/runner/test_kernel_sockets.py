"""The socket files through which a kernel is reached."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from processes import until

from blogkit.runner import kernel_sockets as module
from blogkit.runner.execute import execute
from blogkit.runner.job import Job
from blogkit.runner.kernel_sockets import PREFIX, KernelSockets

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no socket files on this platform")
# Says what the kernel's client would connect to, and what the kernel listens at.
CONNECTION = """
import json, pathlib
from ipykernel.connect import get_connection_info
found = json.loads(get_connection_info())
pathlib.Path("connection.json").write_text(json.dumps(found))"""


@pytest.fixture
def temporary(monkeypatch):
    """A folder for temporary files whose path is short."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def ran(clone, *sources):
    outcome = execute(Job(clone.add("01_one", *sources), clone.root / "out", {}, "jax", "hash"))
    assert outcome.status == "ran", outcome.error


def test_a_kernel_is_reached_through_files_that_nobody_else_enters(clone, temporary):
    ran(
        clone,
        CONNECTION,
        f"import os, glob\nassert os.stat(glob.glob('{temporary}/{PREFIX}*')[0]).st_mode & 0o77 == 0",
    )
    connection = (clone.root / "notebooks" / "connection.json").read_text()
    assert '"transport": "ipc"' in connection and str(temporary / PREFIX) in connection
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in clone.root.rglob("*") if path.is_file()) == [
        "01_one.ipynb",
        "01_one.ipynb",
        "01_one.json",
        "connection.json",
        "constraints.txt",
    ]


def test_nothing_stays_of_a_kernel_that_fails_or_does_not_exist(clone, temporary):
    path = clone.add("01_one", "import os\nos._exit(1)")
    assert execute(Job(path, clone.root / "out", {}, "jax", "hash")).status == "failed"
    path.write_text(path.read_text().replace('"python3"', '"python2"'))
    assert execute(Job(path, clone.root / "out", {}, "jax", "hash")).status == "failed"
    assert list(temporary.iterdir()) == []


def test_a_long_path_for_temporary_files_gives_way_to_a_short_one(temporary, monkeypatch):
    long = temporary / ("a" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    sockets = KernelSockets.open()
    assert sockets.folder.parent == Path("/tmp") and list(long.iterdir()) == []
    assert len(os.fsencode(sockets.folder / "k-5")) < 100
    sockets.close()
    assert not sockets.folder.exists()


@pytest.mark.parametrize("lacking", ["fcntl", "binds"])
def test_without_socket_files_the_kernel_has_an_encrypted_port(clone, temporary, monkeypatch, lacking):
    if lacking == "fcntl":
        monkeypatch.setattr(module, "fcntl", None)
    else:
        monkeypatch.setattr(module, "_binds", lambda path: False)
    ran(clone, CONNECTION)
    connection = (clone.root / "notebooks" / "connection.json").read_text()
    assert '"transport": "tcp"' in connection and '"curve_publickey"' in connection
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next_and_no_other(temporary, monkeypatch):
    code = (
        "import sys, tempfile, time\nfrom blogkit.runner.kernel_sockets import KernelSockets\n"
        "tempfile.tempdir = sys.argv[1]\nsockets = KernelSockets.open()\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(temporary)]) as process:
        try:
            until(lambda: list(temporary.glob(f"{PREFIX}*/lock")))
            (abandoned,) = temporary.iterdir()
            monkeypatch.setattr(module, "NEW", -1)
            with contextlib.closing(KernelSockets.open()):
                assert abandoned.exists()  # still in use
        finally:
            process.kill()  # a test that fails does not wait for it
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    with contextlib.closing(KernelSockets.open()) as ours, contextlib.closing(KernelSockets.open()):
        assert ours.folder.exists()  # in use by this process
        assert not abandoned.exists()
    assert list(elsewhere.iterdir()) == []


def test_ten_kernels_at_once_have_sockets_of_their_own(temporary):
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(KernelSockets.open())) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({sockets.folder for sockets in opened}) == 10
    for sockets in opened:
        sockets.close()
    assert list(temporary.iterdir()) == []
