"""The command `import`: files of one's own and official files, and files that do not fit."""

import dataclasses
import gzip
import json
import os
import re

import numpy as np
import pytest

from blogkit.datasets import mnist
from blogkit.datasets.catalogue import data_set
from data_download import importing
from data_download.cli import main


def test_imported_files_are_known_by_name(capsys, digits):
    assert main(["import", "mnist", str(digits)]) == 0
    expected = (
        'mnist: 80 + 20 rows, MNIST format, 数 字.npz, 100 digits, a stand-in, under the name "imported"\n'
    )
    assert capsys.readouterr().out == expected
    assert len(mnist("imported").x_train) == 80 and mnist("imported").stand_in
    assert main(["verify", "mnist"]) == main(["verify"]) == main(["path", "mnist"]) == 0
    assert "right, as it was imported" in capsys.readouterr().out
    copy = data_set("mnist").folder / "imported" / "数 字.npz"
    copy.write_bytes(copy.read_bytes()[:-1] + b"!")
    assert main(["verify", "mnist"]) == 1
    assert re.search(r"数 字\.npz: sha256 \w{64}, expected \w{64}", capsys.readouterr().out)


def test_a_second_import_replaces_the_first(digits, rng):
    assert main(["import", "mnist", str(digits)]) == 0
    other = digits.with_name("other.npz")
    np.savez(other, x=rng.integers(0, 256, (50, 28, 28)).astype("uint8"), y=np.arange(50) % 10)
    assert main(["import", "mnist", str(other)]) == main(["verify", "mnist"]) == 0
    assert len(mnist("imported").x_train) == 40


def test_files_that_do_not_fit_change_nothing(capsys, digits, tmp_path):
    assert main(["import", "mnist", str(digits)]) == 0
    before = sorted(data_set("mnist").folder.rglob("*"))
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, x=np.zeros((3, 5)))
    for path in (wrong, tmp_path / "none", digits.parent / ".."):
        assert main(["import", "mnist", str(path)]) == 1
    errors = capsys.readouterr().err
    assert "not in the format of MNIST" in errors and "none does not exist" in errors
    assert sorted(data_set("mnist").folder.rglob("*")) == before
    assert len(mnist("imported").x_train) == 80
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["import", "mnist", str(empty)]) == 1
    assert "holds no files" in capsys.readouterr().err
    assert main(["import", "ptb_package", str(digits)]) == 1
    assert "has no reader" in capsys.readouterr().err


def test_an_official_file_goes_to_its_place_even_as_gzip(capsys, toys, tmp_path, body):
    (tmp_path / "copy.gz").write_bytes(gzip.compress(body))
    (tmp_path / "other name").write_bytes(body[:9_000])
    assert main(["import", "toys", str(tmp_path / "copy.gz"), str(tmp_path / "other name")]) == 0
    assert "copy.gz is the official a.bin" in capsys.readouterr().out
    assert main(["verify", "toys"]) == 0
    assert sorted(path.name for path in toys.folder.iterdir()) == [".lock", "a.bin", "b.bin"]


@pytest.mark.parametrize("more", [[], ["rows.jsonl"]], ids=["alone", "beside another"])
def test_an_empty_path_is_not_the_working_folder(capsys, tmp_path, monkeypatch, data, more):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.jsonl").write_text("".join(f'{{"text": "{n}", "label": 1}}\n' for n in range(9)))
    assert main(["import", "sentiment", "", *more]) == 1
    assert capsys.readouterr().err == "PATH must not be empty ('.' is the working folder). Received: ''.\n"
    assert not data.exists()
    assert main(["import", "sentiment", "."]) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b"\xff",
        b"[" * 9999,
        b"1" * 5000,
        b'{"what": "x"}',
        b'{"what": "x", "sha256": []}',
        b'{"what": 3, "sha256": {}}',
        b'{"what": "x", "sha256": {"../../other": "0"}}',
        b'{"what": "x", "sha256": {"/etc/passwd": "0"}}',
        b'{"what": "\\ud800", "sha256": {}}',
    ],
)
def test_a_damaged_record_of_an_import_says_what_to_do(capsys, digits, content):
    assert main(["import", "mnist", str(digits)]) == 0
    record = data_set("mnist").folder / "imported" / ".imported.json"
    record.write_bytes(content)
    capsys.readouterr()
    for command in (["verify", "mnist"], ["verify"]):
        assert main(command) == 1
        shown = capsys.readouterr().out
        assert f"{record} is not the record of an import" in shown and "import mnist PATH" in shown
        assert len(shown.splitlines()) == 2
    record.unlink()
    record.mkdir()
    assert main(["verify", "mnist"]) == 1
    record.rmdir()
    assert main(["verify", "mnist"]) == 1 and "has no record" in capsys.readouterr().out
    assert main(["import", "mnist", str(digits)]) == main(["verify", "mnist"]) == 0


def test_a_changed_checksum_of_any_type_is_a_fault(capsys, digits):
    assert main(["import", "mnist", str(digits)]) == 0
    record = data_set("mnist").folder / "imported" / ".imported.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    for checksum in (None, 3, [], "0"):
        record.write_text(json.dumps(found | {"sha256": {digits.name: checksum}}), encoding="utf-8")
        assert main(["verify", "mnist"]) == 1
        assert f", expected {checksum}" in capsys.readouterr().out


def test_a_gzip_file_that_unpacks_to_too_much_is_left(capsys, toys, tmp_path, monkeypatch):
    """No official file of the set is larger than 50,000 bytes; without sizes there is a limit for all."""
    path = tmp_path / "a.bin.gz"
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    assert main(["import", "toys", str(path)]) == 1
    assert f"{path} is not the official file: it unpacks to more than 50,000 bytes" in capsys.readouterr().err
    assert not toys.path("a.bin").exists() and [p.name for p in toys.folder.iterdir()] == [".lock"]
    monkeypatch.setattr(importing, "LARGEST", 2_000_000)
    files = [dataclasses.replace(file, size=None) for file in toys.files]
    assert importing._largest(dataclasses.replace(toys, files=tuple(files))) == 2_000_000


def test_imports_do_not_follow_links(digits, tmp_path):
    folder = data_set("mnist").folder
    folder.mkdir(parents=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    for name in (".imported", "imported", ".imported-before"):
        (folder / name).symlink_to(mine)
    (folder / ".importing").symlink_to(mine / "file")
    assert main(["import", "mnist", str(digits)]) == main(["verify", "mnist"]) == 0
    assert [path.name for path in mine.iterdir()] == ["file"] and (mine / "file").read_text() == "mine"
    assert not (folder / "imported").is_symlink()


@pytest.mark.parametrize("name", [b"\xff.npz", b"a\nb.npz"])
def test_a_name_that_no_record_can_hold_is_refused(capsys, digits, name):
    other = os.path.join(os.fsencode(digits.parent), name)
    os.rename(digits, other)
    for path in (digits.parent, os.fsdecode(other)):  # as a file of a folder, and alone
        assert main(["import", "mnist", str(path)]) == 1
        assert "has a name that is not UTF-8 or not one line. Rename it." in capsys.readouterr().err
