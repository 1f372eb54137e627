"""The formatter and the linter, as pyproject.toml configures them, and the length of files."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", [("format", "--check"), ("check",)], ids=["format", "lint"])
def test_ruff_has_nothing_to_say(command, root):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "."], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_has_more_than_300_lines(root):
    folders = ("blogkit", "data_download", "tests", "benchmarks", "docs")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
    names = subprocess.run(
        [*command, *(f"{folder}/*.py" for folder in folders)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\0")
    if names == [""]:
        pytest.skip("not a git checkout")
    paths = {name: root / name for name in names if (root / name).is_file()}  # a deleted file may be listed
    assert {name.split("/")[0] for name in paths} == set(folders)
    lengths = {name: path.read_bytes().count(b"\n") for name, path in paths.items()}
    long = [f"{name}: {length} lines" for name, length in lengths.items() if length > 300]
    assert not long, "split these files by subject:\n" + "\n".join(long)
