"""Unpack an untrusted zip archive: every name and size is checked before a byte is written."""

import os
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from blogkit.datasets.reading import is_about_access, one_line, reason
from data_download.fetch import DownloadError
from data_download.fresh import fresh_folder

MEMBERS = 100_000
CHUNK = 1 << 20


def unpack(archive: Path, member: str, place: Path, limit: int) -> None:
    """Put the folder `member` of a zip archive at `place`, whole or not at all.

    Args:
        archive: The archive.
        member: Folder inside the archive; everything must lie in it.
        place: Target folder. Must not exist.
        limit: Largest size of the content, in bytes.

    Raises:
        DownloadError: If the archive is damaged or too large, or holds a path outside
            the folder, a link, or anything else but files and folders.
    """
    work = fresh_folder(place.with_name(place.name + ".unpacking"))
    try:
        with zipfile.ZipFile(archive) as zipped:
            files = _judged(archive, zipped.infolist(), member, limit)
            left = limit
            for name, entry in files.items():
                target = work / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with zipped.open(entry) as source, open(target, "xb") as file:
                    left = _copy(source, file, left, archive)
        os.replace(work, place)
    except Exception as error:  # an encrypted member, an unknown method, damage of any kind
        if isinstance(error, DownloadError) or is_about_access(error):
            raise
        raise DownloadError(one_line(f"{archive} is not a whole archive: {reason(error)}")) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_plain(entry):
    mode = entry.external_attr >> 16  # 0 where the archive comes from another system
    return entry.is_dir() or stat.S_IFMT(mode) in (0, stat.S_IFREG)


def _judged(archive, entries, member, limit):
    """Check all entries and return the files by their path inside `member`."""
    if len(entries) > MEMBERS:
        raise DownloadError(f"{archive} has {len(entries):,} members, more than {MEMBERS:,}.")
    files, total = {}, 0
    for entry in entries:
        name, parts = entry.filename, PurePosixPath(entry.filename).parts
        if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in parts:
            raise DownloadError(
                f"{archive} holds the path {name!r}, which leads out of its folder. Nothing was unpacked."
            )
        if not _is_plain(entry):
            raise DownloadError(f"{archive} holds {name!r}, a link or device. Nothing was unpacked.")
        if parts[:1] == ("__MACOSX",) or entry.is_dir():
            continue
        if parts[: len(PurePosixPath(member).parts)] != PurePosixPath(member).parts:
            raise DownloadError(f"{archive} holds {name!r}, which is not in {member}. Nothing was unpacked.")
        inside = str(PurePosixPath(name).relative_to(member))
        if inside == ".":
            raise DownloadError(
                f"{archive} holds a file {name!r}, which must be a folder. Nothing was unpacked."
            )
        if inside in files:
            raise DownloadError(f"{archive} holds {name!r} twice. Nothing was unpacked.")
        files[inside] = entry
        total += entry.file_size
    above = {str(folder) for name in files for folder in PurePosixPath(name).parents}
    if both := sorted(above & files.keys()):
        raise DownloadError(f"{archive} holds {both[0]!r} as a file and as a folder. Nothing was unpacked.")
    if total > limit:
        raise DownloadError(
            f"{archive} unpacks to {total:,} bytes, more than {limit:,}. Nothing was unpacked."
        )
    if not files:
        raise DownloadError(f"{archive} holds no files.")
    return files


def _copy(source, file, left, archive):
    """Copy the whole entry and count its bytes, because the sizes in an archive need not be true."""
    while chunk := source.read(CHUNK):
        left -= len(chunk)
        if left < 0:
            raise DownloadError(f"{archive} unpacks to more than it says.")
        file.write(chunk)
    return left
