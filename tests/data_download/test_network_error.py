"""What the user reads when a server cannot be reached: the reason once, in words."""

import re

import pytest
import requests
from fault_server import Behaviour
from served_file import BODY, file_at

from data_download.fetch import DownloadError, fetch
from data_download.network_error import network_reason

RAW = re.compile(r"Pool|object at 0x|Max retries|urllib3|Caused by|Error\(")


def said_and_raised(file, place, transfer, said):
    with pytest.raises(DownloadError) as error:
        fetch(file, place, transfer)
    text = "\n".join([*said, str(error.value)])
    assert not RAW.search(text), text
    return text


def test_nobody_there(server, place, transfer, said):
    file = file_at(server)
    server.server.shutdown()
    server.server.server_close()
    text = said_and_raised(file, place, transfer, said)
    reason = f"no connection to {server.url.removeprefix('http://')}: Connection refused"
    assert len(said) == 1 and text.count(reason) == 2  # while it tries, and in the end


def test_a_name_that_does_not_exist(server, place, transfer, said, monkeypatch):
    import socket

    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    text = said_and_raised(file_at(server, urls=("http://nobody.invalid/file",)), place, transfer, said)
    assert text.count("no connection to nobody.invalid: its name is not known; is there internet?") == 2


def test_a_server_that_fails(server, place, transfer, said):
    server.paths["/file"] = Behaviour(BODY, status=503)
    text = said_and_raised(file_at(server), place, transfer, said)
    assert text.count("status 503 Service Unavailable") == 2


def test_a_connection_that_always_breaks(server, place, transfer, said):
    server.paths["/file"] = Behaviour(BODY, ranges=False, stop_after=100)
    text = said_and_raised(file_at(server), place, transfer, said)
    assert "broke" in text and len(said) <= 2


def test_the_same_reason_of_two_addresses_is_said_once_each(server, place, transfer, said):
    server.paths |= {"/a": Behaviour(BODY, status=500), "/b": Behaviour(BODY, status=500)}
    text = said_and_raised(file_at(server, "/a", "/b"), place, transfer, said)
    assert len(said) == 3 and text.count("status 500") == 5


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.ConnectTimeout(), "the server does not answer in time"),
        (requests.exceptions.SSLError("a\n  b"), "no secure connection to the server"),
        (requests.exceptions.ProxyError("x"), "the proxy on the way to the server does not answer"),
        (requests.exceptions.InvalidURL("No host\n supplied"), "No host supplied"),
        (requests.exceptions.InvalidSchema(), "InvalidSchema"),
    ],
)
def test_other_reasons(error, words):
    assert network_reason(error).startswith(words)
