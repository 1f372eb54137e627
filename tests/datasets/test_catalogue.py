import dataclasses
import hashlib
import subprocess
from pathlib import Path

import pytest

import blogkit.datasets
from blogkit.datasets import MissingDataset
from blogkit.datasets.catalogue import (
    catalogue,
    checksum_fault,
    data_set,
    how_to_get,
    is_official,
    missing,
    official_file,
)
from blogkit.datasets.checksum import file_checksum

SETS = pytest.mark.parametrize("name", catalogue())
ARCHIVES = (".zip", ".npz", ".tar", ".tar.gz", ".tgz", ".gz")  # that `get` reads whole
DIGITS = {"sha256": 64, "md5": 32, "git_blob": 40}


@SETS
def test_every_set_says_what_it_is(name):
    entry = data_set(name)
    for field in ("title", "rows", "format", "purpose", "licence", "home"):
        assert getattr(entry, field), field
    assert entry.notebooks and all(len(number) == 2 for number in entry.notebooks)
    assert entry.home.startswith(("http://", "https://"))
    assert bool(entry.steps) == entry.by_hand, "steps are for what a person does"
    assert not entry.reader or callable(getattr(blogkit.datasets, entry.reader))
    assert len({file.name for file in entry.files}) == len(entry.files) > 0


@SETS
def test_every_checksum_is_one_and_says_where_it_is_from(name):
    for file in data_set(name).files:
        for kind, value in file.checksums.items():
            assert len(value) == DIGITS[kind] and int(value, 16) and value == value.lower()
        assert bool(file.checksums) == bool(file.confirmed)
        assert file.checksums or file.lines or file.unpack, "nothing to check it by"
        assert file.checksums or not file.urls or file.name.endswith(ARCHIVES), "nothing to test it by"
        assert not (file.urls and file.package)
        assert bool(file.members) == bool(file.package) and (not file.package or "==" in file.package)
        assert all(url.startswith(("http://", "https://")) for url in file.urls)
        assert not Path(file.name).is_absolute() and ".." not in Path(file.name).parts


def test_the_sets_of_the_issue_are_all_there():
    assert set(catalogue()) >= {
        "celeba",
        "cifar10",
        "ptb",
        "ske2019",
        "duie2",
        "tableqa",
        "sentiment",
        "ccks2019",
        "chinese_bert",
    }


def test_unknown_names_give_the_nearest_ones():
    with pytest.raises(ValueError, match=r"no data set 'CelebA'. The closest name: celeba\."):
        data_set("CelebA")
    with pytest.raises(ValueError, match="The closest names: fashion_mnist, mnist"):
        data_set("fashionmnist")
    with pytest.raises(ValueError, match="There are: mnist, .*chinese_bert"):
        data_set("qqqqqq")


@SETS
def test_the_way_to_a_set_names_its_command_and_its_folder(name, tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    text = how_to_get(name)
    entry = data_set(name)
    assert str(tmp_path / name) in text
    assert f"python -m data_download get {name}" in text
    if entry.by_hand:
        assert entry.home in text and all(file.name in text for file in entry.files)
    assert ("--accept-terms" in text) == bool(entry.consent)
    error = missing(name)
    assert isinstance(error, MissingDataset)
    assert str(error) == f"{entry.title} is not at {tmp_path / name}. {text}"


def test_checksums_of_each_kind(tmp_path):
    path = tmp_path / "file"
    for content in (b"", b"what is up, doc?", bytes(3_000_000)):
        path.write_bytes(content)
        assert file_checksum(path) == hashlib.sha256(content).hexdigest()
        assert file_checksum(path, "md5") == hashlib.md5(content).hexdigest()
        git = subprocess.run(["git", "hash-object", path], capture_output=True, text=True, check=True)
        assert file_checksum(path, "git_blob") == git.stdout.strip()
    # The example of the book Pro Git, section 10.2.
    path.write_bytes(b"what is up, doc?")
    assert file_checksum(path, "git_blob") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"


@pytest.mark.parametrize("kind", DIGITS)
def test_an_official_file_is_known_by_each_kind_of_checksum(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    entry = data_set("celeba")
    path = entry.folder / "list_eval_partition.txt"
    path.parent.mkdir()
    path.write_text("000001.jpg 0\n")
    file = dataclasses.replace(entry.files[1], **{"md5": "", kind: file_checksum(path, kind)})
    sets = catalogue() | {"celeba": dataclasses.replace(entry, files=(entry.files[0], file))}
    monkeypatch.setattr("blogkit.datasets.catalogue.catalogue", lambda: sets)
    assert checksum_fault(file, path) == ""
    assert is_official("celeba", path) and official_file("celeba", file.name) == path
    path.write_text("000001.jpg 1\n")
    assert f"{kind} {file_checksum(path, kind)}, expected {getattr(file, kind)}" == checksum_fault(file, path)
    assert not is_official("celeba", path)
    with pytest.raises(ValueError, match="is not the official list_eval_partition.txt"):
        official_file("celeba", file.name)


def test_a_file_without_a_checksum_is_never_taken_for_the_official_one(tmp_path):
    path = tmp_path / "train_data.json.zip"
    path.touch()
    assert checksum_fault(data_set("ske2019").files[0], path) == ""
    assert not is_official("ske2019", path)
