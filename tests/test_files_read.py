"""Files that a run has read: how they are named, and which later changes are seen."""

import os
import time

import pytest

from blogkit import files_read as module
from blogkit.files_read import changes, files_read, matches, note, set_root, sha256


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder, and nothing noted yet."""
    for name in ("_noted", "_roots", "_hashes"):
        monkeypatch.setattr(module, name, {})
    monkeypatch.setattr(module, "_here", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def settled(monkeypatch):
    """Every file counts as older than the tick of the clock."""
    monkeypatch.setattr(module, "SETTLED", -1.0)


def rows(folder, text="rows"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.csv").write_text(text)
    return folder / "rows.csv"


def test_a_path_is_named_by_its_root_the_working_folder_or_itself(tmp_path):
    other = tmp_path.parent / "other"
    for path in (rows(tmp_path / "data"), rows(tmp_path), rows(other)):
        set_root("BLOGKIT_DATA", tmp_path / "data")
        note(path)
    note("../other/rows.csv")
    names = [entry["path"] for entry in files_read()]
    assert names == ["$BLOGKIT_DATA/rows.csv", "rows.csv", str(other / "rows.csv"), "../other/rows.csv"]


def test_another_root_counts_by_the_content_of_its_files(tmp_path):
    for name, text in (("one", "rows"), ("equal", "rows"), ("different", "cows")):
        rows(tmp_path / name, text)
    note(set_root("BLOGKIT_DATA", tmp_path / "one") / "rows.csv")
    read = files_read()
    assert changes(read, tmp_path) == []
    set_root("BLOGKIT_DATA", tmp_path / "equal")
    assert changes(read, tmp_path) == []
    set_root("BLOGKIT_DATA", tmp_path / "different")
    assert changes(read, tmp_path) == ["rows.csv changed"]
    set_root("BLOGKIT_DATA", tmp_path / "empty")
    assert changes(read, tmp_path) == ["rows.csv is missing"]


def test_a_file_that_appears_disappears_or_becomes_another_kind_is_a_change(tmp_path):
    path = tmp_path / "rows.csv"
    note(path)
    (missing,) = files_read()
    assert missing == {"path": "rows.csv", "kind": "missing"} and changes([missing], tmp_path) == []
    rows(tmp_path)
    assert changes([missing], tmp_path) == ["rows.csv has appeared"]
    note(path)
    (present,) = files_read()
    path.unlink()
    assert changes([present], tmp_path) == ["rows.csv is missing"]
    path.mkdir()
    assert changes([present], tmp_path) == ["rows.csv is now a folder"]


@pytest.mark.parametrize("clock", ["", "settled"])
def test_a_changed_byte_is_seen_whatever_size_and_modification_time_say(tmp_path, clock, request):
    if clock:
        request.getfixturevalue(clock)
    path = rows(tmp_path)
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    note(path)
    read = files_read()
    assert bool(read[0]["stamp"]) == bool(clock)
    time.sleep(0.02)  # a tick of the file system's clock
    path.write_text("cows")
    os.utime(path, ns=times)
    assert path.stat().st_mtime_ns == times[1]
    assert changes(read, tmp_path) == ["rows.csv changed"]
    path.write_text("rows")
    assert changes(read, tmp_path) == []


def test_an_unchanged_file_is_hashed_once(tmp_path, settled, monkeypatch):
    path = rows(tmp_path)
    note(path)
    read = files_read()
    monkeypatch.setattr(module.hashlib, "file_digest", lambda *arguments: pytest.fail("hashed again"))
    assert changes(read, tmp_path) == [] and sha256(path) == read[0]["sha256"] == files_read()[0]["sha256"]


def test_a_file_that_changes_while_a_run_reads_it_never_counts_as_unchanged(tmp_path):
    path = rows(tmp_path)
    note(path)
    path.write_text("others")
    assert changes(files_read(), tmp_path) == ["rows.csv changed while it was read"]
    note(path)  # both contents have been read
    assert changes(files_read(), tmp_path) == ["rows.csv changed while it was read"]


def test_a_choice_by_name_is_noted_with_what_was_not_chosen(tmp_path):
    rows(tmp_path)
    assert matches(tmp_path, "*.csv") == [tmp_path / "rows.csv"]
    read = files_read()
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".rows.csv.part").touch()
    (tmp_path / ".hidden.csv").touch()
    assert changes(read, tmp_path) == []
    (tmp_path / "a.csv").touch()
    assert changes(read, tmp_path) == ["other files *.csv in ."]


def test_files_of_installed_packages_are_left_to_their_versions(tmp_path):
    note(rows(tmp_path / "lib" / "site-packages" / "package"))
    assert files_read() == []
