"""For every fault of a server, the right file is in place at the end, or none."""

import dataclasses
import errno
import hashlib

import numpy as np
import pooch
import pytest
from fault_server import Behaviour
from served_file import BODY, PAGE, SHA256, file_at, left

from data_download.fetch import FRUITLESS, DownloadError, fetch
from data_download.resume import ResumingDownloader

KNOWN = pytest.mark.parametrize(
    "known",
    [
        {},
        {"size": None},
        {"size": None, "sha256": "", "md5": hashlib.md5(BODY).hexdigest()},
        {"size": None, "sha256": "", "git_blob": hashlib.sha1(b"blob 50000\0" + BODY).hexdigest()},
        {"size": None, "sha256": ""},
    ],
    ids=["sha256 and size", "sha256", "md5", "git blob", "nothing"],
)


@KNOWN
def test_a_file_arrives_in_one_request(server, place, transfer, known, said, pauses):
    server.paths["/file"] = Behaviour(BODY)
    fetch(file_at(server, **known), place, transfer)
    assert place.read_bytes() == BODY and left(place) == ["file.bin"]
    assert server.requests == [("/file", None)] and not said and not pauses


@KNOWN
@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_it_goes_on_where_the_connection_broke(server, place, transfer, known, ranges):
    def breaks(served, number):
        served.stop_after = [20_000, 9_000, None][number - 1]

    server.paths["/file"] = Behaviour(BODY, ranges=ranges, etag='"1"', before=breaks)
    fetch(file_at(server, **known), place, transfer)
    assert place.read_bytes() == BODY and left(place) == ["file.bin"]
    starts = [asked for _, asked in server.requests]
    assert starts == [None, "bytes=20000-", f"bytes={29_000 if ranges else 9_000}-"]


@KNOWN
def test_a_part_of_another_file_is_not_continued(server, place, transfer, known):
    place.with_name("file.bin.partial").write_bytes(bytes(12_345))
    server.paths["/file"] = Behaviour(BODY)
    fetch(file_at(server, **known), place, transfer)
    assert place.read_bytes() == BODY and left(place) == ["file.bin"]


def test_a_file_that_changed_on_the_server_is_fetched_anew(server, place, transfer):
    """Without a checksum only its ETag tells."""

    def change(served, number):
        served.stop_after = 20_000 if number == 1 else None
        if number == 2:
            served.body, served.etag = BODY[::-1], '"2"'

    server.paths["/file"] = Behaviour(BODY, etag='"1"', before=change)
    fetch(file_at(server, size=None, sha256=""), place, transfer)
    assert place.read_bytes() == BODY[::-1] and left(place) == ["file.bin"]


def test_bytes_of_another_place_are_not_appended(server, place, transfer):
    def breaks(served, number):
        served.stop_after = 20_000 if number == 1 else None
        served.wrong_range = number == 2

    server.paths["/file"] = Behaviour(BODY, before=breaks)
    fetch(file_at(server), place, transfer)
    assert place.read_bytes() == BODY
    assert [asked for _, asked in server.requests] == [None, "bytes=20000-", None]


@pytest.mark.parametrize("size", [len(BODY), None])
def test_a_part_that_is_whole_needs_no_byte_more(server, place, transfer, size):
    place.with_name("file.bin.partial").write_bytes(BODY)
    server.paths["/file"] = Behaviour(BODY)
    fetch(file_at(server, size=size), place, transfer)
    assert place.read_bytes() == BODY and left(place) == ["file.bin"]
    assert server.requests == ([] if size else [("/file", "bytes=50000-")])


def test_a_part_that_is_too_long_is_thrown_away(server, place, transfer):
    place.with_name("file.bin.partial").write_bytes(BODY + b"more")
    server.paths["/file"] = Behaviour(BODY)
    fetch(file_at(server), place, transfer)
    assert place.read_bytes() == BODY


def test_a_wrong_checksum_keeps_the_bad_file_aside(server, place, transfer):
    wrong = BODY[:-1] + b"!"
    server.paths["/file"] = Behaviour(wrong)
    digest = hashlib.sha256(wrong).hexdigest()
    with pytest.raises(
        DownloadError, match=f"sha256 {digest}, expected {SHA256}; kept as .*bad-{digest[:12]}"
    ):
        fetch(file_at(server), place, transfer)
    assert left(place) == [f"file.bin.bad-{digest[:12]}"]
    assert (place.parent / left(place)[0]).read_bytes() == wrong
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "change",
    [
        dict(body=PAGE, kind="text/html; charset=utf-8"),
        dict(body=PAGE),
        dict(body=b"\n  <HTML>" + bytes(100)),
        dict(body=b"<!-- sorry -->", kind="text/html"),
    ],
    ids=["says so", "lies", "bare", "only says so"],
)
@pytest.mark.parametrize("known", [{}, {"size": None, "sha256": ""}])
def test_a_page_of_html_is_not_the_file(server, place, transfer, change, known):
    server.paths["/file"] = Behaviour(**change)
    with pytest.raises(DownloadError, match="page of HTML"):
        fetch(file_at(server, **known), place, transfer)
    assert not place.exists() and len(server.requests) == 1


def test_a_page_deeper_in_the_file_is_named(server, place, transfer):
    server.paths["/file"] = Behaviour(b"<?xml version='1.0'?>" + PAGE)
    with pytest.raises(DownloadError, match="a page of HTML, not the file; wrong checksum"):
        fetch(file_at(server, size=None), place, transfer)
    assert not place.exists()


@pytest.mark.parametrize("claimed", [60_000, 40_000])
def test_a_server_that_lies_about_the_length(server, place, transfer, said, claimed):
    def honest_later(served, number):
        served.claimed_length = claimed if number == 1 else None

    server.paths["/file"] = Behaviour(BODY, before=honest_later)
    fetch(file_at(server), place, transfer)
    assert place.read_bytes() == BODY and left(place) == ["file.bin"]
    assert len(said) == 1 and said[0].startswith("file.bin: ")


def test_a_file_that_is_longer_than_it_should_be_is_refused(server, place, transfer):
    server.paths["/file"] = Behaviour(BODY + b"more")
    with pytest.raises(DownloadError, match="more than the 50,000 bytes"):
        fetch(file_at(server), place, transfer)
    assert not place.exists() and len(server.requests) == 1


def test_a_file_that_is_always_too_short_is_given_up(server, place, transfer):
    server.paths["/file"] = Behaviour(BODY[:-10])
    with pytest.raises(DownloadError, match="it ends after 49,990 of 50,000 bytes"):
        fetch(file_at(server), place, transfer)
    assert not place.exists() and len(server.requests) == FRUITLESS + 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_asked_again_after_longer_and_longer_pauses(server, place, transfer, pauses, status):
    def recover(served, number):
        served.status = status if number < 4 else 200

    server.paths["/file"] = Behaviour(BODY, before=recover)
    fetch(file_at(server), place, transfer)
    assert place.read_bytes() == BODY and pauses == [1, 2, 4]


def test_the_server_may_ask_for_a_longer_pause(server, place, transfer, pauses):
    def recover(served, number):
        served.status, served.headers = (429, {"Retry-After": "17"}) if number == 1 else (200, {})

    server.paths["/file"] = Behaviour(BODY, before=recover)
    fetch(file_at(server), place, transfer)
    assert pauses == [17]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_will_not_pass_is_asked_once(server, place, transfer, pauses, status):
    server.paths["/file"] = Behaviour(BODY, status=status)
    with pytest.raises(DownloadError, match=f"/file: status {status}"):
        fetch(file_at(server), place, transfer)
    assert len(server.requests) == 1 and not pauses and left(place) in ([], ["file.bin.partial"])


def test_nobody_there_is_given_up_politely(server, place, transfer, pauses):
    file = file_at(server)
    server.server.shutdown()
    server.server.server_close()
    with pytest.raises(DownloadError, match=f"given up after {FRUITLESS} requests"):
        fetch(file, place, transfer)
    assert pauses == [1, 2, 4, 8] and not place.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_keeps_what_has_arrived(server, place, transfer, monkeypatch, number):
    from data_download import resume

    write = resume._Sink.write

    def full(sink, data):
        if sink.file.tell() >= 20_000:
            raise OSError(number, "no space")
        return write(sink, data)

    server.paths["/file"] = Behaviour(BODY)
    with monkeypatch.context() as patched, pytest.raises(DownloadError, match="cannot be written: no space"):
        patched.setattr(resume._Sink, "write", full)
        fetch(file_at(server), place, transfer)
    assert left(place) == ["file.bin.partial"]
    fetch(file_at(server), place, transfer)
    assert place.read_bytes() == BODY
    assert [asked for _, asked in server.requests] == [None, "bytes=20000-"]


def test_a_broken_connection_at_100_random_places(server, place, transfer):
    rng = np.random.default_rng(1)
    for trial in range(100):
        stops, first = rng.integers(0, len(BODY), 3).tolist(), len(server.requests)

        def breaks(served, number, stops=stops, first=first):
            index = number - first - 1
            served.stop_after = stops[index] if index < len(stops) else None

        server.paths["/file"] = Behaviour(BODY, ranges=trial % 3 > 0, before=breaks)
        fetch(file_at(server, size=None if trial % 2 else len(BODY)), place, transfer)
        assert place.read_bytes() == BODY and left(place) == ["file.bin"]
        place.unlink()


def test_pooch_takes_the_downloader(server, tmp_path):
    server.paths["/file"] = Behaviour(BODY)
    path = pooch.retrieve(
        f"{server.url}/file", f"sha256:{SHA256}", "file.bin", tmp_path, downloader=ResumingDownloader()
    )
    assert (tmp_path / "file.bin").read_bytes() == BODY and path == str(tmp_path / "file.bin")
    assert (
        ResumingDownloader()(f"{server.url}/file", None, None, check_only=True) is False
    )  # this server knows no HEAD


def test_a_file_has_its_progress_bar(server, place, transfer, capsys):
    server.paths["/file"] = Behaviour(BODY)
    fetch(file_at(server), place, dataclasses.replace(transfer, progress=True))
    assert "100%" in capsys.readouterr().err
