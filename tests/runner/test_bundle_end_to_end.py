"""A bundle of this clone, unpacked, installed and run where no package index can be reached."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blogkit.runner.bundle.target import PLATFORMS, running_platform

SEAL = Path(__file__).parents[1] / "helpers" / "seal.py"
NO_NETWORK = re.compile(
    r"client error \(Connect\)|dns error|operation timed out|network was disabled|Max retries", re.I
)
# Nothing answers at port 9 of this machine.
NOWHERE = "http://127.0.0.1:9"
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_INDEX_URL": NOWHERE,
    "UV_OFFLINE": "1",
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE),
}
REACH = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=5)"  # an address for examples


@pytest.fixture(scope="module")
def seal():
    """The start of a command that runs in a network namespace of its own; empty where there is none."""
    words = ["unshare", "-rn", sys.executable, str(SEAL)]
    if shutil.which("unshare") and not subprocess.run([*words, "true"], capture_output=True).returncode:
        return words
    return []


@pytest.fixture
def printed(root, tmp_path):
    """The command that `bundle` prints for notebook 03 with jax; skips when no index can be reached."""
    if running_platform() not in PLATFORMS:
        pytest.skip(f"bundles are for {', '.join(PLATFORMS)}")
    order = ["--backend", "jax", "--backend-wheels", "cpu", "--profile", "smoke"]
    command = [sys.executable, "-m", "blogkit", "bundle", *order, "-o", tmp_path / "bundle.tar", "03"]
    env = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("no package index can be reached to build a bundle from")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_printed_command_installs_and_runs_a_notebook_offline(printed, seal, tmp_path):
    # As on another machine: only this Python, and nothing that leads to the clone.
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "BLOGKIT", "KERAS"))
    }
    env |= OFFLINE | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])}
    if seal:
        assert subprocess.run([*seal, sys.executable, "-c", REACH], capture_output=True).returncode
    done = subprocess.run(
        [*seal, "sh", "-c", printed], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Notebooks: 1 ran, 0 skipped, 0 failed." in done.stdout
    bundle = tmp_path / "blogkit-bundle"
    result = json.loads((bundle / "runs/smoke/03_on_lstm.json").read_text(encoding="utf-8"))
    assert result["notebook"] == "03_on_lstm" and result["claims"]
    assert result["environment"]["backend"] == "jax"
    packages = {
        path.name.partition("-")[0] for path in bundle.glob(".venv/lib/python*/site-packages/*.dist-info")
    }
    assert {"blogkit", "jax", "keras_hub"} < packages
    assert not packages & {"tensorflow", "tensorflow_text", "torch", "jupyterlab"}
