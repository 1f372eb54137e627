import os
import subprocess
import sys

import pytest

from blogkit.report import write_atomically


def test_writes_utf8_with_the_usual_permissions(tmp_path):
    path = write_atomically(tmp_path / "new" / "结果.json", "一\nb\r\n")
    assert path.read_bytes() == "一\nb\r\n".encode()
    plain = tmp_path / "plain"
    plain.touch()
    assert path.stat().st_mode == plain.stat().st_mode
    write_atomically(str(path), "second")
    assert path.read_text() == "second"
    assert os.listdir(path.parent) == ["结果.json"]


def test_writers_of_one_file_do_not_meet(tmp_path, monkeypatch):
    path = tmp_path / "a.json"

    def other_writer(descriptor):
        monkeypatch.undo()
        write_atomically(path, "other")

    monkeypatch.setattr(os, "fsync", other_writer)  # between writing and replacing
    write_atomically(path, "mine")
    assert path.read_text() == "mine" and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, broken):
    path = write_atomically(tmp_path / "a.json", "old")

    def fail(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, broken, fail)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.json"]


def test_text_that_is_not_unicode_leaves_the_old_file(tmp_path):
    path = write_atomically(tmp_path / "a.json", "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \udc00")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_disk_that_fills_up_within_the_file_leaves_the_old_one(tmp_path):
    path = write_atomically(tmp_path / "a.json", "old")
    code = (
        "import resource, sys\nfrom blogkit.report import write_atomically\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "write_atomically(sys.argv[1], 'x' * 100_000)"
    )
    answer = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "OSError" in answer.stderr and answer.returncode == 1
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_clean_up_that_fails_does_not_hide_the_cause(tmp_path, monkeypatch, broken):
    path = write_atomically(tmp_path / "a.json", "old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    def read_only(*arguments, **options):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(os, broken, full)
        patched.setattr(type(path), "unlink", read_only)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(path, "new")
    assert path.read_text() == "old"
