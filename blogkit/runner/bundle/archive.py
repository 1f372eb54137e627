"""A tar file whose bytes depend on nothing but the names and contents of its members."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

from blogkit.runner.bundle.download import epoch
from blogkit.runner.bundle.steps import Steps, megabytes

SUMS = "SHA256SUMS"


def write_archive(path: Path, top: str, members: dict[str, Path | str], steps: Steps) -> None:
    """Write members in order of name, with one time and no owner, and a file of their checksums.

    Args:
        path: The file to write.
        top: Folder inside the archive that holds everything.
        members: From the name below `top` to a file, or to the text of one.
        steps: Shows how much is written.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.tar"
    ...     write_archive(file, "a", {"b/c.txt": "text"}, Steps(io.StringIO()))
    ...     with tarfile.open(file) as archive:
    ...         archive.getnames()
    ['a/b/c.txt', 'a/SHA256SUMS']
    """
    sums, written = [], 0
    with open(path, "xb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(members):
                with _open(members[name]) as content:
                    size = _size(content)
                    archive.addfile(_info(f"{top}/{name}", size), content)
                sums.append(f"{content.digest.hexdigest()}  {name}\n")
                written += size
                steps.count(f"packed {megabytes(written)}")
            text = "".join(sums).encode()
            archive.addfile(_info(f"{top}/{SUMS}", len(text)), io.BytesIO(text))
        file.flush()
        os.fsync(file.fileno())


class _Hashed(io.BufferedReader):
    """A reader that computes the checksum of what it has read."""

    def __init__(self, raw):
        super().__init__(raw)
        self.digest = hashlib.sha256()

    def read(self, size=-1, /):
        block = super().read(size)
        self.digest.update(block)
        return block


def _open(member):
    if isinstance(member, Path):
        return _Hashed(io.FileIO(member))
    return _Hashed(io.BytesIO(member.encode()))


def _size(content):
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    return size


def _info(name, size):
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, epoch(), 0o644
    return info
