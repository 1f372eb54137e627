"""The wheel: what it holds, and that README's examples and every public name work where it is installed."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

import blogkit

ROOT = Path(__file__).parents[1]
NO_NETWORK = re.compile(r"client error \(Connect\)|dns error|operation timed out|network was disabled", re.I)
# Bytes of what is not code: the font of formulas on the report page is 150 kB of it. A notebook or a figure
# that slipped in would break the bound.
BESIDES_CODE = 200_000
LARGEST = 1_000_000  # of the wheel

USE_EVERYTHING = """
import importlib, json, pkgutil, re, sys
from pathlib import Path

import blogkit

assert Path(blogkit.__file__).is_relative_to(sys.prefix), blogkit.__file__
names, printed = {}, []
for code, expected in json.loads(sys.stdin.readline()):
    names["print"] = lambda *words: printed.append(" ".join(map(str, words)))
    exec(compile(code, "README.md", "exec"), names)
    assert printed == expected, (code, printed)
    printed.clear()
count = 0
for found in pkgutil.walk_packages(blogkit.__path__, "blogkit."):
    if found.ispkg:
        module = importlib.import_module(found.name)
        for name in getattr(module, "__all__", ()):
            getattr(module, name)
            count += 1
print(count)
"""


def installer(*words):
    """uv's output; skips when no index can be reached."""
    command = [uv.find_uv_bin(), *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode and NO_NETWORK.search(done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    installer("build", "--wheel", "--quiet", "--out-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


def test_it_holds_the_package_its_data_and_the_licence_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    about = f"blogkit-{blogkit.__version__}.dist-info/"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "blogkit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    ours = {name for name in tracked if (ROOT / name).is_file()}
    assert {"blogkit/datasets/catalogue.toml", "blogkit/runner/templates/page.html.j2"} <= ours
    assert names == ours | {about + name for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")}


def test_it_is_small(wheel):
    files = zipfile.ZipFile(wheel).infolist()
    assert sum(file.compress_size for file in files if not file.filename.endswith(".py")) < BESIDES_CODE
    assert wheel.stat().st_size < LARGEST


def test_readme_and_every_public_name_work_in_a_fresh_environment_with_jax(wheel, tmp_path):
    installer("venv", "--quiet", "--python", sys.executable, tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", python, "-c", ROOT / "constraints.txt")
    installer(*install, f"{wheel}[jax]")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert snippets
    examples = [[code, re.findall("# prints: (.*)", code)] for code in snippets]
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "BLOGKIT_DATA")}
    done = subprocess.run(
        [python, "-c", USE_EVERYTHING],
        cwd=tmp_path,
        input=json.dumps(examples) + "\n",
        env=env | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100  # names
