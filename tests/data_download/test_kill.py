"""A process killed during a download leaves no file in place, and the next one continues."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fault_server import Behaviour

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")


def kill(path):
    os.kill(int(path.partition("pid=")[2]), signal.SIGKILL)


def arrived(path, size):
    """Wait until so much of the file is on the disk; a client reads 1,000 bytes at a time."""
    for _ in range(10_000):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > size - 1000:
                return
        time.sleep(0.001)
    raise AssertionError("the client reads no more")


@pytest.mark.parametrize("known", ["size", "no size"])
def test_killed_at_100_random_bytes(server, root, tmp_path, body, known):
    rng = np.random.default_rng(2)
    size, sha256 = len(body) if known == "size" else 0, hashlib.sha256(body).hexdigest()
    server.paths["/file"] = served = Behaviour(body)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    command = [sys.executable, Path(__file__).with_name("kill_many.py"), tmp_path, sha256, str(size)]
    resumed = 0
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:

        def run(name):
            child.stdin.write(f"{name} {server.url}/file\n")
            child.stdin.flush()
            return int(child.stdout.readline())

        for trial in range(50):
            place = tmp_path / f"{trial}.bin"
            stop = served.stop_after = int(rng.integers(0, len(body)))

            def halfway(path, wait=trial % 2, part=tmp_path / f"{place.name}.partial", stop=stop):
                if wait:  # else it is killed wherever it happens to be
                    arrived(part, stop)
                kill(path)

            served.halfway = halfway
            assert run(place.name) == -signal.SIGKILL
            assert not place.exists()
            served.halfway = served.stop_after = None
            before = len(server.requests)
            assert run(place.name) == 0
            assert place.read_bytes() == body
            assert sorted(path.name for path in tmp_path.glob(f"{trial}.*")) == [place.name]
            resumed += server.requests[before][1] is not None
        child.stdin.close()
    assert resumed > 20  # else it would only show that files can be fetched anew
