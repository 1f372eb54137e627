"""Untrusted archives are unpacked completely and inside their folder, or not at all."""

import stat
import zipfile

import pytest
from official_files import zip_file

from data_download.fetch import DownloadError
from data_download.unpack import unpack

GOOD = {"top/a.txt": b"a", "top/deep/b.txt": b"bb"}


def everything(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_folder_comes_out_whole(tmp_path):
    archive = zip_file(tmp_path / "archive", GOOD)
    unpack(archive, "top", tmp_path / "place", limit=3)
    assert everything(tmp_path) == {"archive", "place", "place/a.txt", "place/deep", "place/deep/b.txt"}
    assert (tmp_path / "place/deep/b.txt").read_bytes() == b"bb"


@pytest.mark.parametrize(
    "name", ["../evil", "top/../../evil", "/tmp/evil", "top/..", "C:/evil", "top\\..\\evil"]
)
def test_paths_that_lead_out_are_refused(tmp_path, name):
    archive = zip_file(tmp_path / "archive", GOOD | {name: b"evil"})
    with pytest.raises(DownloadError, match="leads out of its folder. Nothing was unpacked"):
        unpack(archive, "top", tmp_path / "place", limit=1000)
    assert everything(tmp_path) == {"archive"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path, kind):
    link = zipfile.ZipInfo("top/link")
    link.external_attr = (kind | 0o777) << 16
    archive = zip_file(tmp_path / "archive", GOOD)
    with zipfile.ZipFile(archive, "a") as zipped:
        zipped.writestr(link, "../outside")
    with pytest.raises(DownloadError, match="'top/link', a link or device"):
        unpack(archive, "top", tmp_path / "place", limit=1000)
    assert everything(tmp_path) == {"archive"}


def test_too_much_is_refused_before_it_is_written(tmp_path):
    archive = zip_file(tmp_path / "archive", GOOD | {"top/zeros": bytes(10**6)})
    with pytest.raises(DownloadError, match="unpacks to 1,000,003 bytes, more than 999,999"):
        unpack(archive, "top", tmp_path / "place", limit=999_999)
    assert everything(tmp_path) == {"archive"}


def test_a_size_that_lies_is_noticed(tmp_path):
    archive = zip_file(tmp_path / "archive", {"top/zeros": bytes(10**6)})
    data = archive.read_bytes()
    size = (10**6).to_bytes(4, "little")
    assert data.count(size) == 2  # in the local head and in the directory
    archive.write_bytes(data.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(DownloadError, match="more than it says|not a whole archive"):
        unpack(archive, "top", tmp_path / "place", limit=1000)
    assert everything(tmp_path) == {"archive"}


def test_what_lies_elsewhere_or_twice_is_refused(tmp_path):
    with pytest.raises(DownloadError, match="'other/c.txt', which is not in top"):
        unpack(
            zip_file(tmp_path / "archive", GOOD | {"other/c.txt": b""}), "top", tmp_path / "place", limit=1000
        )
    with pytest.raises(DownloadError, match="holds 'top/./a.txt' twice"):
        unpack(
            zip_file(tmp_path / "archive", GOOD | {"top/./a.txt": b"b"}),
            "top",
            tmp_path / "place",
            limit=1000,
        )
    with pytest.raises(DownloadError, match="holds no files"):
        unpack(zip_file(tmp_path / "archive", {}), "top", tmp_path / "place", limit=1000)
    assert everything(tmp_path) == {"archive"}


def test_a_damaged_archive_leaves_nothing(tmp_path):
    archive = zip_file(tmp_path / "archive", GOOD | {"top/c": bytes(range(256)) * 40})
    whole = archive.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2 - 20 : len(whole) // 2] = bytes(20)
    for content in (b"", b"<html>", whole[: len(whole) // 2], bytes(damaged)):
        archive.write_bytes(content)
        with pytest.raises(DownloadError, match="not a whole archive"):
            unpack(archive, "top", tmp_path / "place", limit=100_000)
        assert everything(tmp_path) == {"archive"}


def test_what_the_parser_raises_is_one_line(tmp_path):
    """Encrypted members and unknown methods."""
    for place, value, words in ((6, 1, "encrypted"), (8, 99, "compression")):
        archive = zip_file(tmp_path / "archive", GOOD)
        data = bytearray(archive.read_bytes())
        for magic, start in ((b"PK\3\4", place), (b"PK\1\2", place + 2)):
            data[data.index(magic) + start] = value
        archive.write_bytes(data)
        with pytest.raises(DownloadError, match=f"not a whole archive: .*{words}"):
            unpack(archive, "top", tmp_path / "place", limit=1000)
        assert everything(tmp_path) == {"archive"}


@pytest.mark.parametrize(
    "members",
    [
        {"top": b"x"},
        GOOD | {"top": b"x"},
        {"top/deep": b"x", "top/deep/b.txt": b"x"},
        {"top/a": b"", "top/a/b/c": b""},
    ],
    ids=["alone", "beside", "inside", "above"],
)
def test_a_file_where_a_folder_belongs_is_refused(tmp_path, members):
    archive = zip_file(tmp_path / "archive", members)
    with pytest.raises(DownloadError, match="Nothing was unpacked"):
        unpack(archive, "top", tmp_path / "place", limit=1000)
    assert everything(tmp_path) == {"archive"}


@pytest.mark.parametrize("kind", ["link to a folder", "link to nothing", "file", "folder"])
def test_what_lies_in_the_way_is_replaced_and_not_followed(tmp_path, kind):
    mine, way = tmp_path / "mine", tmp_path / "place.unpacking"
    mine.mkdir()
    (mine / "a.txt").write_text("mine")
    if kind.startswith("link"):
        way.symlink_to(mine if kind == "link to a folder" else tmp_path / "none")
    elif kind == "file":
        way.touch()
    else:
        (way / "old").mkdir(parents=True)
    unpack(zip_file(tmp_path / "archive", GOOD), "top", tmp_path / "place", limit=1000)
    assert (mine / "a.txt").read_text() == "mine" and len(list(mine.iterdir())) == 1
    assert everything(tmp_path / "place") == {"a.txt", "deep", "deep/b.txt"} and not way.exists()
