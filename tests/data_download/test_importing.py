"""Imports of damaged or foreign files, odd paths, extra files and two at once leave no partial set."""

import dataclasses
import errno
import gzip
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from blogkit import datasets
from blogkit.datasets import MissingDataset, mnist, ptb
from blogkit.datasets import catalogue as module
from blogkit.datasets.catalogue import catalogue, data_set
from blogkit.datasets.checksum import file_checksum
from data_download.cli import main

TEXT = {part: f" {part} " * 999 + "\n b c \n" for part in ("train", "valid", "test")}


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A folder with PTB's three files, which are the official ones here."""
    folder = tmp_path / "my 数据" / "ptb"
    folder.mkdir(parents=True)
    for part, text in TEXT.items():
        (folder / f"ptb.{part}.txt").write_text(text)
    entry = data_set("ptb")
    files = tuple(
        dataclasses.replace(file, size=None, sha256=file_checksum(folder / file.name)) for file in entry.files
    )
    sets = module.catalogue() | {"ptb": dataclasses.replace(entry, files=files)}
    monkeypatch.setattr(module, "catalogue", lambda: sets)
    monkeypatch.setattr("data_download.cli.catalogue", lambda: sets)
    return folder


def held(name):
    """Names of all files in a set's folder."""
    folder = data_set(name).folder
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def damaged(kind, data):
    whole = gzip.compress(data)
    half = len(whole) // 2
    return {
        "empty": b"",
        "text": data,
        "page": b"<html>404</html>",
        "a third": whole[: len(whole) // 3],
        "without its end": whole[:-4],
        "another block": whole[:12] + b"\xff" * 20 + whole[32:],
        "another byte": whole[:half] + bytes([whole[half] ^ 255]) + whole[half + 1 :],
        "another sum": whole[:-8] + b"\0\0\0\0" + whole[-4:],
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "text",
        "a third",
        "without its end",
        "another block",
        "another byte",
        "another sum",
        "page",
    ],
)
def test_a_damaged_gzip_file_is_named_and_changes_nothing(capsys, words, kind, rng):
    path = words / "ptb.train.txt"
    data = rng.bytes(5000).hex().encode()
    path.unlink()
    path = path.with_name("ptb.train.txt.gz")
    path.write_bytes(damaged(kind, data))
    assert main(["import", "ptb", str(path)]) == 1
    shown = capsys.readouterr().err
    assert f"{path} is not the official file: " in shown and "Traceback" not in shown
    assert held("ptb") == {".lock"}
    if kind != "text":
        assert main(["import", "sentiment", str(path)]) == 1
        assert f": {path}" in capsys.readouterr().err and held("sentiment") == {".lock"}


def test_official_files_are_found_by_either_word(capsys, words):
    (words / "README").write_text("terms")
    (words / "ptb.test.txt").unlink()
    assert main(["import", "ptb", str(words)]) == 0
    shown = capsys.readouterr().out
    assert "is the official ptb.train.txt" in shown and "ptb: left out README. " in shown
    assert held("ptb") == {".lock", "ptb.train.txt", "ptb.valid.txt"}
    for source in ("official", "imported"):
        found = ptb(source)
        assert not found.stand_in and len(found.train) == 2 and found.test == []
    assert main(["verify", "ptb"]) == main(["verify"]) == 0
    shown = capsys.readouterr().out
    assert "ptb.test.txt: missing (not needed)" in shown and "reads as 2 + 2 + 0 rows, PTB (Mikolov)" in shown


def test_a_wrong_file_beside_an_official_one_is_an_error(capsys, words):
    path = words / "ptb.train.txt.gz"
    (words / "ptb.train.txt").unlink()
    path.write_bytes(gzip.compress(TEXT["train"].encode())[:-9])
    assert main(["import", "ptb", str(words)]) == 1
    assert f"{path} is not the official file: Compressed file ended" in capsys.readouterr().err
    assert held("ptb") == {".lock", "ptb.valid.txt", "ptb.test.txt"}
    with pytest.raises(MissingDataset, match="data_download import ptb PATH"):
        ptb("imported")
    assert main(["verify", "ptb"]) == 1


def test_a_stand_in_may_need_an_official_file_beside_it(words):
    (words / "ptb.train.txt").write_text("a shorter text\n")
    assert main(["import", "ptb", str(words)]) == main(["verify", "ptb"]) == 0
    found = ptb("imported")
    assert found.train == [["a", "shorter", "text"]] and len(found.valid) == 2 and found.stand_in
    (words / "ptb.train.txt").write_text(TEXT["train"])
    assert main(["import", "ptb", str(words)]) == 0
    assert not ptb("official").stand_in and ptb("imported").stand_in  # each word has its own now


@pytest.mark.parametrize("name", [name for name, entry in catalogue().items() if entry.reader])
def test_every_reader_takes_official_files_for_imported_ones(name):
    """For empty files with official names, both words raise the same error."""
    reader = getattr(datasets, data_set(name).reader)
    with pytest.raises(MissingDataset, match=f"data_download import {name} PATH"):
        reader("imported")
    for file in data_set(name).files:
        path = data_set(name).path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    texts = []
    for source in ("official", "imported"):
        with pytest.raises((ValueError, MissingDataset)) as error:
            reader(source)
        texts.append(str(error.value))
    assert texts[0] == texts[1] and "import" not in texts[0]


def test_relative_and_absolute_paths_together(digits, monkeypatch, words):
    monkeypatch.chdir(words)
    (words / "ptb.train.txt").write_text("a shorter text\n")
    assert main(["import", "ptb", "ptb.train.txt", str(words / "ptb.valid.txt")]) == 0
    assert len(ptb("imported").train) == 1
    monkeypatch.chdir(digits.parent)
    assert (
        main(["import", "mnist", "."])
        == main(["import", "mnist", digits.name])
        == main(["verify", "mnist"])
        == 0
    )


def test_what_was_imported_can_be_imported_again(capsys, digits):
    assert main(["import", "mnist", str(digits)]) == 0
    folder = data_set("mnist").folder / "imported"
    assert main(["import", "mnist", str(folder)]) == main(["verify", "mnist"]) == 0
    assert held("mnist") == {".lock", "imported/.imported.json", "imported/数 字.npz"}
    (folder / "other.npz").touch()
    assert main(["verify", "mnist"]) == 1
    assert f"{folder / 'other.npz'}: was added after the import" in capsys.readouterr().out


def test_errors_name_the_users_files(capsys, digits, tmp_path):
    wrong = tmp_path / "wrong 数.npz"
    np.savez(wrong, x=np.zeros((3, 5)))
    assert main(["import", "mnist", str(wrong)]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"wrong 数.npz: not in the format of MNIST: {wrong} needs the arrays")
    several = [str(path) for path in (wrong, digits)]
    assert main(["import", "mnist", *several]) == 1
    shown = capsys.readouterr().err
    assert "wrong 数.npz, 数 字.npz: not in the format of MNIST" in shown and ".imported" not in shown


def test_only_files_and_folders_are_taken(capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        assert main(["import", "mnist", path]) == 1
        assert f"{path} is neither a file nor a folder" in capsys.readouterr().err


def test_no_room_is_said_before_anything_is_copied(capsys, digits, monkeypatch):
    monkeypatch.setattr(
        "data_download.get.shutil.disk_usage", lambda folder: SimpleNamespace(free=50_000_000)
    )
    assert main(["import", "mnist", str(digits)]) == 1
    assert f"needs {digits.stat().st_size:,} bytes more" in capsys.readouterr().err and held("mnist") == {
        ".lock"
    }


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("call", ["os.replace", "json.dumps", "shutil.copyfileobj"])
def test_what_cannot_be_written_leaves_the_import_before(capsys, digits, monkeypatch, number, call):
    assert main(["import", "mnist", str(digits)]) == 0
    before = {name: file_checksum(data_set("mnist").folder / name) for name in held("mnist")}

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"data_download.importing.{call}", fail)
        assert main(["import", "mnist", str(digits)]) == 1
    assert os.strerror(number) in capsys.readouterr().err
    assert {name: file_checksum(data_set("mnist").folder / name) for name in held("mnist")} == before
    assert main(["verify", "mnist"]) == 0


def test_two_at_once_come_one_after_the_other(digits, rng):
    other = digits.with_name("other.npz")
    np.savez(other, x=rng.integers(0, 256, (50, 28, 28)).astype("uint8"), y=np.arange(50) % 10)
    codes = []
    threads = [
        threading.Thread(target=lambda p=path: codes.append(main(["import", "mnist", str(p)])))
        for path in 3 * [digits, other]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == 6 * [0] and main(["verify", "mnist"]) == 0
    assert len(mnist("imported").x_train) in (80, 40) and len(held("mnist")) == 3
