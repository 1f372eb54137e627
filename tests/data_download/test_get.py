"""Downloads of whole sets: locks, disk space, manual sets, consent, and no network for complete ones."""

import dataclasses
import os
import threading

import filelock
import pytest
from fault_server import Behaviour

from blogkit.datasets.catalogue import File, data_set, how_to_get
from data_download import get as module
from data_download.fetch import DownloadError
from data_download.get import get


def files_of(entry):
    return sorted(path.name for path in entry.folder.rglob("*") if path.is_file())


def test_what_is_complete_needs_neither_network_nor_write_access(
    server, toys, transfer, said, body, monkeypatch
):
    get(toys, transfer)
    assert toys.path("a.bin").read_bytes() == body and toys.path("b.bin").read_bytes() == body[:9_000]
    assert files_of(toys) == [".lock", "a.bin", "b.bin"] and said[-1] == f"toys: complete in {toys.folder}"
    assert len(server.requests) == 2
    monkeypatch.setattr(module, "locked", None)  # anything that it would write or fetch
    get(toys, transfer)
    assert len(server.requests) == 2


def test_only_what_is_missing_is_fetched(server, toys, transfer):
    get(toys, transfer)
    toys.path("b.bin").unlink()
    get(toys, transfer)
    assert [path for path, _ in server.requests] == ["/a.bin", "/b.bin", "/b.bin"]


def test_a_wrong_file_in_its_place_is_moved_aside_and_fetched(toys, transfer, said, body):
    toys.folder.mkdir(parents=True)
    toys.path("a.bin").write_bytes(b"mine")
    get(toys, transfer)
    assert toys.path("a.bin").read_bytes() == body
    assert (toys.folder / "a.bin.bad").read_bytes() == b"mine" and "moved to a.bin.bad" in said[0]


def test_a_failure_leaves_the_other_files(server, toys, transfer):
    server.paths["/b.bin"] = Behaviour(b"", status=404)
    with pytest.raises(DownloadError, match=r"b\.bin could not be fetched.*b\.bin by hand"):
        get(toys, transfer)
    assert toys.path("a.bin").is_file() and not toys.path("b.bin").exists()


def test_two_at_once_fetch_it_once(server, toys, transfer):
    inside, together = threading.Event(), []
    server.paths["/a.bin"].before = lambda served, number: (together.append(number), inside.set())
    threads = [threading.Thread(target=get, args=(toys, transfer)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path for path, _ in server.requests) == ["/a.bin", "/b.bin"]


def test_a_second_process_waits_and_finds_it_complete(server, toys, transfer, said):
    toys.folder.mkdir(parents=True)
    lock = filelock.FileLock(toys.folder / ".lock")
    with lock:
        other = threading.Thread(target=get, args=(toys, transfer))
        other.start()
        while not said:
            other.join(0.01)
        assert said == ["toys: another process is downloading it; waiting"] and not server.requests
    other.join()
    assert said[-1] == f"toys: complete in {toys.folder}"


def test_no_room_is_said_before_the_first_byte(server, toys, transfer, monkeypatch):
    usage = dataclasses.make_dataclass("usage", ["free"])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(50_059_000 - 1))
    with pytest.raises(
        DownloadError, match="needs 59,000 bytes more, and .* has 50,058,999 free.*BLOGKIT_DATA"
    ):
        get(toys, transfer)
    assert not server.requests
    toys.path("a.bin.partial").write_bytes(bytes(10_000))  # has arrived already
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(50_049_000))
    get(toys, transfer)


def test_room_for_what_comes_after_counts(toys, transfer, monkeypatch):
    usage = dataclasses.make_dataclass("usage", ["free"])
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(50_100_000))
    entry = dataclasses.replace(toys, conversion="cifar10", converted_size=10**6)
    with pytest.raises(DownloadError, match="needs 1,059,000 bytes"):
        get(entry, transfer)


def test_a_folder_that_cannot_be_made_is_named(toys, transfer, data, server):
    data.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="toys cannot be written: .*BLOGKIT_DATA chooses another folder"):
        get(toys, transfer)
    assert not server.requests


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_named(toys, transfer, data, server):
    data.mkdir()
    data.chmod(0o555)
    with pytest.raises(DownloadError, match="cannot be written: Permission denied"):
        get(toys, transfer)
    assert not server.requests


@pytest.mark.parametrize("call", ["mkdir", "open"])
def test_a_read_only_folder_is_named_for_root_too(toys, transfer, server, monkeypatch, call):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", "there")

    owner = module.filelock.FileLock if call == "open" else type(toys.folder)
    monkeypatch.setattr(owner, "acquire" if call == "open" else "mkdir", refuse)
    with pytest.raises(DownloadError, match="toys cannot be written: Permission denied. BLOGKIT_DATA"):
        get(toys, transfer)
    assert not server.requests


@pytest.mark.parametrize("name", ["a.bin", "a.bin.partial"])
def test_a_folder_where_a_file_belongs_is_named(toys, transfer, name):
    (toys.folder / name).mkdir(parents=True)
    with pytest.raises(DownloadError, match=f"Toys cannot be put into .*Is a directory: .*{name}"):
        get(toys, transfer)
    assert not toys.path("a.bin").is_file()
    (toys.folder / name).rmdir()
    get(toys, transfer)


def test_a_set_by_hand_says_the_line_of_the_readers_error(transfer):
    entry = data_set("celeba")
    with pytest.raises(DownloadError) as error:
        get(entry, transfer)
    text = str(error.value)
    assert how_to_get("celeba") in text and entry.steps in text
    assert f"{entry.path('img_align_celeba.zip')}: missing" in text
    assert not entry.folder.exists()


def test_a_set_by_hand_is_complete_once_its_files_are_right(add_set, transfer, said, body):
    import hashlib

    entry = add_set(File("mine.bin", md5=hashlib.md5(body).hexdigest(), confirmed="this test"), steps="Ask.")
    entry.folder.mkdir(parents=True)
    entry.path("mine.bin").write_bytes(body[:-1])
    with pytest.raises(DownloadError, match=r"mine\.bin: wrong, md5 \w+, expected"):
        get(entry, transfer)
    assert entry.path("mine.bin").exists()  # it is the user's own
    entry.path("mine.bin").write_bytes(body)
    get(entry, transfer)
    assert said == [f"toys: complete in {entry.folder}"]


def test_terms_are_shown_until_they_are_accepted(server, toys, transfer):
    entry = dataclasses.replace(toys, consent="Only on Sundays.")
    with pytest.raises(DownloadError, match="(?s)Only on Sundays.*get toys"):
        get(entry, transfer)
    assert not server.requests
    get(entry, transfer, accept_terms=True)
    get(entry, transfer)  # it is there: nothing to accept
    assert len(server.requests) == 2
