"""Files without a published checksum or size are read whole before they are put in place."""

import dataclasses
import gzip
import hashlib
import io
import json
import tarfile
import zipfile

import numpy as np
import pytest
from fault_server import Behaviour
from official_files import zip_file
from served_file import PAGE, left

from blogkit.datasets.catalogue import File
from data_download.cli import main
from data_download.fetch import DownloadError, fetch
from data_download.get import get

NOISE = np.random.default_rng(0).bytes(20_000)


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("top/a", NOISE)
    return file.getvalue()


def tarred(mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w{mode}") as archive:
        member = tarfile.TarInfo("top/a")
        member.size = len(NOISE)
        archive.addfile(member, io.BytesIO(NOISE))
    return file.getvalue()


FORMS = {
    "file.zip": zipped(),
    "file.tar.gz": tarred(":gz"),
    "file.tar": tarred(""),
    "file.gz": gzip.compress(NOISE),
}
WRONG = {
    "page": lambda data: PAGE,
    "page of XML": lambda data: b"<?xml version='1.0'?>\n<!-- portal -->" + PAGE,
    "JSON": lambda data: b'{"error": {"code": 404, "message": "no such file"}}',
    "nothing": lambda data: b"",
    "text": lambda data: b"Too many requests\n",
    "half": lambda data: data[: len(data) // 2],
    "all but the end": lambda data: data[:-10_000] if data[-30:] == bytes(30) else data[:-30],
    "another byte": lambda data: data[:9000] + bytes([data[9000] ^ 1]) + data[9001:],
}


def file_at(server, name):
    return File(name, (f"{server.url}/{name}",))


@pytest.mark.parametrize("name", FORMS)
def test_the_archive_itself_is_put_in_place(server, tmp_path, transfer, name):
    server.paths[f"/{name}"] = Behaviour(FORMS[name])
    fetch(file_at(server, name), tmp_path / name, transfer)
    assert (tmp_path / name).read_bytes() == FORMS[name]
    kept = json.loads((tmp_path / ".fetched.json").read_text())
    assert kept == {name: hashlib.sha256(FORMS[name]).hexdigest()}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", FORMS)
def test_what_is_not_the_archive_never_lands(server, tmp_path, transfer, name, wrong):
    if (name, wrong) == ("file.tar", "another byte"):
        pytest.skip("tar has no checksum of contents")
    server.paths[f"/{name}"] = Behaviour(WRONG[wrong](FORMS[name]))
    with pytest.raises(DownloadError) as error:
        fetch(file_at(server, name), tmp_path / name, transfer)
    assert not (tmp_path / name).exists() and not (tmp_path / ".fetched.json").exists()
    reason = str(error.value).splitlines()[-1]
    words = {"page": "page of HTML", "page of XML": "page of HTML", "JSON": "in JSON", "nothing": "is empty"}
    assert words.get(wrong, "whole archive") in reason
    server.paths[f"/{name}"] = Behaviour(FORMS[name])
    fetch(file_at(server, name), tmp_path / name, transfer)
    assert (tmp_path / name).read_bytes() == FORMS[name]


@pytest.mark.parametrize("name", ["file.bin", "vocab.txt"])
@pytest.mark.parametrize("wrong", ["page", "page of XML", "JSON", "nothing"])
def test_without_a_format_an_answer_is_still_no_file(server, tmp_path, transfer, name, wrong):
    server.paths[f"/{name}"] = Behaviour(WRONG[wrong](NOISE))
    with pytest.raises(DownloadError, match=r"page of HTML|in JSON|is empty"):
        fetch(file_at(server, name), tmp_path / name, transfer)
    assert not (tmp_path / name).exists()


def test_a_later_fetch_is_compared_with_the_first(server, tmp_path, transfer):
    server.paths["/file.zip"] = Behaviour(FORMS["file.zip"])
    file, place = file_at(server, "file.zip"), tmp_path / "file.zip"
    fetch(file, place, transfer)
    place.unlink()
    other = zip_file(tmp_path / "other", {"top/a": b"another version"}).read_bytes()
    server.paths["/file.zip"] = Behaviour(other)
    first, second = (hashlib.sha256(data).hexdigest() for data in (FORMS["file.zip"], other))
    with pytest.raises(DownloadError, match=f"sha256 {second}, at the first fetch {first}.*delete .*fetched"):
        fetch(file, place, transfer)
    assert not place.exists() and f"file.zip.bad-{second[:12]}" in left(place)
    server.paths["/file.zip"] = Behaviour(FORMS["file.zip"])
    fetch(file, place, transfer)
    place.unlink()
    (tmp_path / ".fetched.json").unlink()
    server.paths["/file.zip"] = Behaviour(other)
    fetch(file, place, transfer)
    assert place.read_bytes() == other


def test_the_whole_set(server, add_set, transfer, capsys):
    """What `get` and `verify` say, also of a file that changes later and of a damaged record."""
    server.paths["/file.zip"] = Behaviour(FORMS["file.zip"])
    file = dataclasses.replace(file_at(server, "file.zip"), unpack="top", unpacked_size=30_000)
    entry = add_set(file)
    get(entry, transfer)
    assert (entry.folder / "top" / "a").read_bytes() == NOISE
    assert main(["verify", "toys"]) == 0
    assert (
        "right (no checksum published; read whole, sha256 as at the first fetch)" in capsys.readouterr().out
    )
    zip_file(entry.path("file.zip"), {"top/a": b"mine"})
    assert main(["verify", "toys"]) == 1
    assert "at the first fetch" in capsys.readouterr().out
    get(entry, transfer)
    assert entry.path("file.zip").read_bytes() == FORMS["file.zip"]
    record = entry.folder / ".fetched.json"
    for content in (b"{", b"[]", b'{"file.zip": 3}', b"\xff", b"[" * 9999):
        record.write_bytes(content)
        for command in ("verify", "get"):
            assert main([command, "toys"]) == 1
            shown = capsys.readouterr()
            assert "is not the record of first fetches, which may be deleted" in shown.out + shown.err
    record.unlink()
    assert main(["verify", "toys"]) == main(["get", "toys"]) == 0


def test_a_damaged_etag_is_not_sent(server, place, transfer):
    server.paths["/file"] = Behaviour(NOISE, etag='"1"')
    for tag in (b"\xff\xfe", b"a\nb", b""):
        place.with_name("file.bin.partial").write_bytes(NOISE[:100])
        place.with_name("file.bin.partial.etag").write_bytes(tag)
        fetch(File("file.bin", (f"{server.url}/file",)), place, transfer)
        assert place.read_bytes() == NOISE
        place.unlink()


def test_a_planted_link_is_not_followed(server, place, transfer, tmp_path):
    (tmp_path / "mine").write_bytes(b"mine")
    for name in ("file.bin.partial", "file.bin.partial.etag"):
        place.with_name(name).symlink_to(tmp_path / "mine")
    server.paths["/file"] = Behaviour(NOISE, etag='"1"')
    fetch(File("file.bin", (f"{server.url}/file",)), place, transfer)
    assert (
        (tmp_path / "mine").read_bytes() == b"mine" and place.read_bytes() == NOISE and not place.is_symlink()
    )
