"""Several addresses of a file: mirrors in order, addresses that moved, and one that cannot work."""

import pytest
from fault_server import Behaviour
from served_file import BODY, PAGE, file_at

from data_download.fetch import DownloadError, fetch


def test_mirrors_are_tried_in_order(server, place, transfer):
    server.paths |= {
        "/wrong": Behaviour(BODY[::-1]),
        "/page": Behaviour(PAGE, kind="text/html"),
        "/right": Behaviour(BODY),
    }
    fetch(file_at(server, "/none", "/wrong", "/page", "/right", "/never"), place, transfer)
    assert place.read_bytes() == BODY
    assert [path for path, _ in server.requests] == ["/none", "/wrong", "/page", "/right"]
    server.requests.clear()
    with pytest.raises(
        DownloadError, match="(?s)/none: status 404.*/wrong: wrong checksum.*/page: it answers"
    ):
        fetch(file_at(server, "/none", "/wrong", "/page"), place.with_name("again.bin"), transfer)


def test_a_second_mirror_continues_what_the_first_began(server, place, transfer):
    server.paths |= {
        "/first": Behaviour(BODY, stop_after=0, before=lambda served, number: None),
        "/second": Behaviour(BODY),
    }
    place.with_name("file.bin.partial").write_bytes(BODY[:30_000])
    fetch(file_at(server, "/first", "/second"), place, transfer)
    assert place.read_bytes() == BODY and server.requests[-1] == ("/second", "bytes=30000-")


def test_a_moved_file_is_followed_and_continued(server, place, transfer):
    server.paths |= {
        "/old": Behaviour(b"", status=302, headers={"Location": "/new"}),
        "/new": Behaviour(BODY),
    }
    place.with_name("file.bin.partial").write_bytes(BODY[:30_000])
    fetch(file_at(server, "/old"), place, transfer)
    assert place.read_bytes() == BODY and server.requests[-1] == ("/new", "bytes=30000-")


def test_an_address_that_cannot_work_is_named(server, place, transfer):
    with pytest.raises(DownloadError, match="nothing://here"):
        fetch(file_at(server, urls=("nothing://here",)), place, transfer)
