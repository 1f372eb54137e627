"""A training killed three times with SIGKILL at random moments ends as one that was never killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import killed_training
import numpy as np
import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


WAIT = 600  # seconds for a process to come to its next epoch, also on a busy machine


@pytest.fixture
def start():
    """Function from a folder and a result file to the process; none survives the test."""
    processes = []

    def start(folder, result):
        command = [sys.executable, killed_training.__file__, folder, result]
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def saved(folder):
    """The newest epoch that is saved."""
    return max((int(path.name[6:]) for path in (folder / "training").glob("epoch-*")), default=0)


def test_three_kills_change_neither_weights_nor_history(tmp_path, start):
    folder, result, rng = tmp_path / "saves", tmp_path / "end.npz", random.Random(0)
    stages = [0]
    for _ in range(3):
        process = start(folder, result)
        deadline = time.monotonic() + WAIT
        wanted = stages[-1] + rng.randint(1, 8)
        while saved(folder) < wanted:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.1))  # a moment within an epoch or a save
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        stages.append(saved(folder))
    assert stages == sorted(set(stages)) and stages[-1] < killed_training.EPOCHS and not result.exists()
    assert start(folder, result).wait(WAIT) == 0

    arrays, history = killed_training.train(None)
    assert json.loads(result.with_suffix(".json").read_text()) == history
    assert len(history["loss"]) == killed_training.EPOCHS
    with np.load(result) as ends:
        for number, array in enumerate(arrays):
            np.testing.assert_array_equal(ends[f"arr_{number}"], array)
        assert len(ends.files) == len(arrays)
