"""Sets whose files damage a conversion or a command: one line that names the file, and the exit code 1."""

import dataclasses
import zipfile

import numpy as np
import pytest
from official_files import jpeg, zip_file
from valid_sources import write

from blogkit.datasets.catalogue import data_set
from data_download.cli import main
from data_download.conversions import CONVERSIONS
from data_download.conversions.celeba import convert_archive
from data_download.conversions.google_bert import convert_folder
from data_download.conversions.ptb_package import convert as convert_ptb
from data_download.fetch import DownloadError
from data_download.get import get
from data_download.packages import extract_members, members_whole

PICTURES = {f"img/{number:06}.jpg": jpeg(np.zeros((218, 178, 3), "uint8")) for number in (1, 2)}
PARTS = "000001.jpg 0\n000002.jpg 1\n"


def changed(path, local, central, value):
    """Change a byte of each header in a zip archive: at one place of the local, one of the central ones."""
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\3\4", local), (b"PK\1\2", central)):
        start = data.find(magic)
        while start >= 0:
            data[start + place] = value
            start = data.find(magic, start + 4)
    path.write_bytes(data)
    return path


def archive_of(tmp_path, damage):
    path = zip_file(tmp_path / "a.zip", {} if damage == "no pictures" else PICTURES)
    if damage == "large picture":
        path = zip_file(path, PICTURES | {"img/000002.jpg": bytes(2_000_000)})
    elif damage == "encrypted":
        changed(path, 6, 8, 1)
    elif damage == "method":
        changed(path, 8, 10, 99)
    elif damage == "checksum":
        changed(path, 14, 16, 77)
    elif damage in ("page", "nothing"):
        path.write_bytes(b"<html>" if damage == "page" else b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-30])
    return path


DAMAGES = ["no pictures", "large picture", "encrypted", "method", "checksum", "page", "nothing", "cut"]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_archive_of_pictures(tmp_path, transfer, damage):
    path = archive_of(tmp_path, damage)
    with pytest.raises((DownloadError, ValueError)) as error:
        convert_archive(
            path, write(tmp_path / "parts.txt", PARTS), tmp_path / "arrays", transfer, official=False
        )
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "arrays" / "arrays.json").exists()


@pytest.mark.parametrize("damage", ["encrypted", "method", "page", "cut"])
def test_a_package(tmp_path, toys, damage):
    path = archive_of(tmp_path, damage)
    file = dataclasses.replace(toys.files[0], name=path.name, package="toys==1", members=("img/000001.jpg",))
    words = rf"{path.name} is not a whole package"
    with pytest.raises(ValueError, match=words):
        extract_members(file, tmp_path)
    if damage in ("page", "cut"):  # the others show when a member is read
        with pytest.raises(ValueError, match=words):
            members_whole(file, tmp_path)


@pytest.mark.parametrize(
    "source", [b"x = '\0'", b"(" * 9999, b"def", b"\xff", b"x = " + b"-" * 99_999 + b"1"]
)
def test_the_source_of_a_package(transfer, source):
    entry = data_set("ptb_package")
    write(entry.folder / "__init__.py", source)
    with pytest.raises(ValueError, match=r"__init__\.py is not the source of the package"):
        convert_ptb(entry, transfer)


@pytest.mark.parametrize("config", [b"", b"{}", b"[]", b"\xff", b"[" * 9999, b'{"num_hidden_layers": "x"}'])
def test_the_configuration_of_bert(tmp_path, config):
    write(tmp_path / "bert_config.json", config)
    write(tmp_path / "vocab.txt", "a")
    with pytest.raises(DownloadError, match="is not a folder of Google's BERT: "):
        convert_folder(tmp_path, tmp_path / "preset")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a\nb"),
        RecursionError("deep"),
        KeyError("x"),
        ValueError("wrong"),
        OSError(28, "No space left"),
    ],
    ids=repr,
)
def test_whatever_a_conversion_raises_is_one_line(capsys, toys, transfer, monkeypatch, error):
    def convert(*_):
        raise error

    entry = dataclasses.replace(toys, conversion="celeba")
    monkeypatch.setattr(CONVERSIONS["celeba"], "convert", convert)
    with pytest.raises(DownloadError, match=rf"^Toys cannot be put into {entry.folder}: .*\.$"):
        get(entry, transfer)
    monkeypatch.setattr("data_download.cli.data_set", lambda name: entry)
    assert main(["get", "toys"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("command", ["verify", "verify toys", "get toys", "list", "path toys"])
def test_a_folder_that_may_not_be_read_is_one_line(capsys, toys, transfer, monkeypatch, command):
    get(toys, transfer)

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(toys.folder))

    monkeypatch.setattr("data_download.state.checksum_fault", refuse)
    monkeypatch.setattr("data_download.tables.here", refuse)
    monkeypatch.setattr("data_download.cli.how_to_get", refuse)
    for name in ("a.bin", "b.bin") if command == "path toys" else ():
        toys.path(name).unlink()
    assert main(command.split()) == 1
    shown = capsys.readouterr()
    lines = [line for line in (shown.out + shown.err).splitlines() if "Permission denied" in line]
    assert len(lines) == 1 and str(toys.folder) in lines[0]


def test_verify_goes_on_after_a_set_that_it_cannot_read(capsys, toys, transfer, digits, monkeypatch):
    get(toys, transfer)
    assert main(["import", "mnist", str(digits)]) == 0

    def refuse(*_):
        raise PermissionError(13, "Permission denied", "there")

    monkeypatch.setattr("data_download.state.checksum_fault", refuse)
    assert main(["verify"]) == 1
    shown = capsys.readouterr().out
    assert "toys: [Errno 13]" in shown and "mnist: imported, 80 + 20 rows" in shown


def test_zip_is_what_the_tests_damage(tmp_path):
    with zipfile.ZipFile(archive_of(tmp_path, "")) as archive:
        assert archive.testzip() is None
