"""Fixtures for the tests of readers."""

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from blogkit import files_read
from blogkit.datasets import catalogue as module
from blogkit.datasets.checksum import file_checksum

READERS = Path(module.__file__).parent


@pytest.fixture
def publish(monkeypatch):
    """Function that declares files the official ones of a set, with their own checksums."""

    def publish(name, *paths, **files):
        sets = module.catalogue()
        named = {path.name: path for path in paths} | files
        changed = tuple(
            dataclasses.replace(file, size=None, md5="", git_blob="", sha256=file_checksum(named[file.name]))
            if file.name in named
            else file
            for file in sets[name].files
        )
        assert changed != sets[name].files
        sets = sets | {name: dataclasses.replace(sets[name], files=changed)}
        monkeypatch.setattr(module, "catalogue", lambda: sets)

    return publish


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A temporary data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("BLOGKIT_DATA", str(folder))
    return folder


_opened = None  # files that readers have opened during a test; None between tests


def _watch(event, arguments):
    """What Python calls for every file that it opens, whichever library asks for it."""
    if event != "open" or _opened is None or not isinstance(arguments[0], str):
        return
    if (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR):  # what a reader converts, it writes as well
        return
    frame = sys._getframe(1)
    while frame:
        module_path = Path(frame.f_code.co_filename)
        if module_path.parent == READERS and module_path.name != "checksum.py":
            _opened.add(os.path.abspath(arguments[0]))
            return
        frame = frame.f_back


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def every_file_is_noted(tmp_path):
    """Whatever a reader opens below the test's folder is among the files that a result lists."""
    global _opened
    _opened = set()
    yield
    opened, _opened = _opened, None
    noted = {str(path) for path, *_ in files_read._noted.values()}
    assert {path for path in opened if Path(path).is_relative_to(tmp_path)} <= noted
