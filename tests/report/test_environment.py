import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

import blogkit
from blogkit.report import environment

KEYS = {
    "python",
    "system",
    "versions",
    "backend",
    "device",
    "processor",
    "cores",
    "commit",
    "peak_memory_mb",
    "peak_device_memory_mb",
}


def test_asks_only_what_is_loaded():
    code = (
        "import json, sys\nfrom blogkit.report import environment\nfound = environment()\n"
        "print(json.dumps([sorted({'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)), found]))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    loaded, found = json.loads(answer.stdout)
    assert loaded == [] and set(found) == KEYS
    assert found["backend"] is None and found["device"] == found["processor"]
    assert found["versions"]["numpy"] and found["versions"]["keras"]  # installed, though not loaded
    assert found["peak_memory_mb"] > 10  # a child starts from what its parent had: no upper bound


def test_a_backend_without_devices_is_no_crash(monkeypatch):
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "numpy"))
    monkeypatch.setitem(sys.modules, "keras", keras)
    found = environment()
    assert found["backend"] == "numpy" and found["peak_device_memory_mb"] is None and found["device"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process to a core")
def test_counts_the_cores_that_the_process_may_use():
    code = (
        "import os\nfrom blogkit.report import environment\n"
        "os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])\nprint(environment()['cores'])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "1\n"


def test_names_the_backend_of_this_process():
    import keras

    found = environment()
    assert found["backend"] == keras.backend.backend()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_commit_is_the_one_of_the_clone(root):
    if not (root / ".git").exists():
        assert environment()["commit"] is None
        return
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True).stdout
    assert head.startswith(environment()["commit"].removesuffix("-dirty"))


def test_a_package_inside_another_repository_has_no_commit(tmp_path, monkeypatch):
    someone = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run([*someone, "commit", "--quiet", "--allow-empty", "-m", "not blogkit's"], check=True)
    module = sys.modules[environment.__module__]
    installed = tmp_path / "venv" / "site-packages"
    monkeypatch.setattr(module, "__file__", str(installed / "blogkit" / "report" / "environment.py"))
    (installed / "blogkit" / "report").mkdir(parents=True)
    assert environment()["commit"] is None


def test_without_git_there_is_no_commit(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert environment()["commit"] is None
    assert environment()["versions"]["blogkit"] == blogkit.__version__
