"""The boundary of readers: foreign errors get the file's name, errors of access keep theirs."""

import errno
import inspect
import os
import zipfile
from pathlib import Path

import pytest
from valid_sources import SOURCES

from blogkit import datasets
from blogkit.datasets import MissingDataset, mnist
from blogkit.datasets.reading import LONGEST_MESSAGE, reader, reading

READERS = {name: found for name in datasets.__all__ if hasattr(found := getattr(datasets, name), "is_reader")}
# Schemas, a test part, one of several portraits; a training part alone is split.
OPTIONAL = ("all_50_schemas", "ptb.test.txt", "1.pgm", "dev_data.json.zip", "duie_dev.json")
FORMS = [(name, form) for name, forms in SOURCES.items() for form in forms]


def failing(error):
    @reader
    def read(source="official"):
        raise error

    return read


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("encrypted"),
        NotImplementedError("method 99"),
        RecursionError("too deep"),
        MemoryError(),
        OverflowError("too large"),
        KeyError("x"),
        StopIteration(),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        OSError("truncated"),
        OSError(errno.EINVAL, "Invalid argument"),
        ValueError("two\nlines"),
        ValueError("long " * 10_000),
        ValueError("a lone \ud800"),
    ],
    ids=repr,
)
def test_what_a_parser_raises_becomes_one_line(error):
    for read in (failing(error), lambda source: _inside(error)):
        with pytest.raises(ValueError) as raised:
            read("my.file")
        text = str(raised.value)
        assert type(raised.value) is ValueError and "\n" not in text and len(text) <= LONGEST_MESSAGE
        text.encode("utf-8")
        if type(error) is not ValueError:
            assert "my.file" in text


def _inside(error):
    with reading("my.file", "a file"):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        MissingDataset("A set", "there", "Get it."),
        ModuleNotFoundError("no xlrd"),
        PermissionError(errno.EACCES, "Permission denied", "my.file"),
        IsADirectoryError(errno.EISDIR, "Is a directory", "my.file"),
        KeyboardInterrupt(),
    ],
    ids=repr,
)
def test_what_is_not_about_the_content_passes(error):
    for read in (failing(error), lambda source: _inside(error)):
        with pytest.raises(type(error)) as raised:
            read("my.file")
        assert raised.value is error


def test_every_function_with_a_source_is_a_reader():
    functions = {name: getattr(datasets, name) for name in datasets.__all__}
    sources = {
        name
        for name, function in functions.items()
        if inspect.isfunction(function) and "source" in inspect.signature(function).parameters
    }
    assert sources == set(READERS) and len(sources) > 15


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("source", ["", None, 3, b"x", "\udcff.npz"])
def test_no_reader_takes_the_working_folder_for_an_empty_source(name, source):
    with pytest.raises(ValueError, match="`source` must be a word or a path.* Received: source="):
        READERS[name](source)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("source", ["a\0b", "x" * 5000, "~nobody-here/x", "a\nb", "none"])
def test_a_path_that_does_not_exist_is_one_line(name, source):
    with pytest.raises((ValueError, OSError)) as error:
        READERS[name](source)
    if not isinstance(error.value, MissingDataset):
        assert isinstance(error.value, OSError) or type(error.value) is ValueError
        assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(("name", "form"), FORMS, ids=map(", ".join, FORMS))
def test_files_that_are_not_there_or_no_files(tmp_path, name, form):
    """Each file in turn is removed, is a folder, or is a link to nothing."""
    source = SOURCES[name][form](tmp_path)
    for path in [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]:
        whole = path.read_bytes()
        for change in (lambda path: None, Path.mkdir, lambda path: path.symlink_to("nothing")):
            path.unlink()
            change(path)
            try:
                READERS[name](source)
            except (ValueError, OSError) as error:
                text = str(error)
                assert type(error) in (ValueError, MissingDataset, IsADirectoryError, FileNotFoundError)
                assert str(tmp_path) in text and len(text.splitlines()) == 1
            else:
                assert path.name in OPTIONAL
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
            path.write_bytes(whole)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(tmp_path):
    path = tmp_path / "a.npz"
    path.touch(mode=0)
    with pytest.raises(PermissionError, match=r"Permission denied: '.*a\.npz'"):
        mnist(path)


@pytest.mark.parametrize("name", ["duie2", "sentiment", "orl_faces", "mnist"])
@pytest.mark.parametrize("change", ["encrypted", "method"])
def test_an_archive_that_cannot_be_unpacked_is_named(tmp_path, name, change):
    """Encrypted members and unknown methods, for each way in which readers open zip archives."""
    path = tmp_path / ("a.npz" if name == "mnist" else "a.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("s1/1.pgm" if name == "orl_faces" else "x.npy", b"text")
    data = bytearray(path.read_bytes())
    local, central = data.index(b"PK\3\4"), data.index(b"PK\1\2")
    for place in (local + 6, central + 8):
        data[place + 2 * (change == "method")] = 1 if change == "encrypted" else 99
    path.write_bytes(data)
    words = "encrypted" if change == "encrypted" else "compression|member"
    with pytest.raises(ValueError, match=rf"{path.name}.*({words})"):
        READERS[name](path)
