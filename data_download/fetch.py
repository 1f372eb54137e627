"""Download one file: try its mirrors in order, retry after pauses, verify, then move into place."""

import dataclasses
import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import requests

from blogkit.datasets.catalogue import File, checksum_fault
from blogkit.datasets.checksum import file_checksum
from data_download.content import content_fault, is_page
from data_download.first_fetch import first_fault, keep_first
from data_download.fresh import without_link
from data_download.network_error import network_reason
from data_download.resume import CHUNK, Refused, Restart, ResumingDownloader

FRUITLESS = 5  # consecutive requests without a byte before a mirror is given up
REQUESTS = 200  # at most, for one mirror
LONGEST_PAUSE = 60.0
PASSING = (  # transient errors
    requests.ConnectionError,
    requests.Timeout,
    requests.HTTPError,
    requests.exceptions.ChunkedEncodingError,
)


class DownloadError(Exception):
    """A set could not be obtained; the message says why."""


@dataclasses.dataclass(frozen=True)
class Transfer:
    """How files are fetched.

    Attributes:
        progress: Show pooch's progress bar.
        sleep: Called with the seconds of a pause.
        say: Called with a line for the user.
        chunk_size: Bytes written at a time.
    """

    progress: bool = False
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = print
    chunk_size: int = CHUNK


def fetch(file: File, place: Path, transfer: Transfer) -> None:
    """Put `file` at `place`, or raise and leave nothing there.

    A file without a published checksum is read whole, and compared with its first fetch. A partial
    file stays beside it as `NAME.partial` for the next call; a complete file that is wrong as
    `NAME.bad-CHECKSUM`.

    Raises:
        DownloadError: If no mirror gives the right file; names the fault of each.
    """
    partial = without_link(place.with_name(place.name + ".partial"))
    without_link(partial.with_name(partial.name + ".etag"))
    faults = []
    for url in file.urls:
        try:
            _from_mirror(file, url, place, transfer)
        except Refused as error:
            faults.append(f"{url}: {error}")
            if url != file.urls[-1]:
                transfer.say(f"{faults[-1]}; next address")
        except OSError as error:
            if error.errno not in (
                errno.ENOSPC,
                errno.EDQUOT,
                errno.EROFS,
                errno.EACCES,
                errno.EPERM,
                errno.EFBIG,
            ):
                raise
            raise DownloadError(
                f"{partial} cannot be written: {error.strerror}. What has arrived stays there."
            ) from error
        else:
            os.replace(partial, place)
            if not file.checksums:
                keep_first(place)
            return
    raise DownloadError(
        f"{file.name} could not be fetched. The same command tries again, and goes on with what has "
        "arrived; or put "
        f"the file at {place} by hand.\n  " + "\n  ".join(faults)
    )


def _from_mirror(file, url, place, transfer):
    """Download the file to `place.partial` and verify it."""
    partial, again = place.with_name(place.name + ".partial"), False
    while True:
        pieces = _until_whole(file, url, partial, transfer)
        if not (fault := _fault(file, place, partial)):
            return
        if pieces and not again:  # the pieces may come from two versions of the file
            transfer.say(f"{file.name}: {fault}; once more from the first byte")
            again = True
            partial.unlink()
            continue
        bad = partial.with_name(f"{partial.name.removesuffix('.partial')}.bad-{file_checksum(partial)[:12]}")
        with open(partial, "rb") as data:
            page = "a page of HTML, not the file; " * (bool(file.checksums) and is_page(data.read(1024)))
        os.replace(partial, bad)
        raise Refused(f"{page}{fault}; kept as {bad}")


def _fault(file, place, partial):
    """Why the complete download is not the file; empty if nothing is wrong."""
    if fault := checksum_fault(file, partial):
        return f"wrong checksum, {fault}"
    return "" if file.checksums else content_fault(file.name, partial) or first_fault(place, partial)


def _until_whole(file, url, partial, transfer):
    """Request until the file is complete; True if it arrived in more than one piece."""
    downloader = ResumingDownloader(
        size=file.size,
        checked=bool(file.checksums),
        progressbar=transfer.progress,
        chunk_size=transfer.chunk_size,
    )
    fruitless, pieces, said = 0, False, ""
    for _ in range(REQUESTS):
        before = _size(partial)
        pieces = pieces or before > 0
        if file.size is not None and before == file.size:
            return pieces
        if file.size is not None and before > file.size:
            partial.unlink()
            before = 0
        try:
            downloader(url, str(partial), None)
            if file.size is None or _size(partial) == file.size:
                return pieces
            reason, pause = f"it ends after {_size(partial):,} of {file.size:,} bytes", None
        except Restart as error:
            reason, pause = str(error), None
        except PASSING as error:
            reason, pause = network_reason(error), _asked_pause(error)
        except requests.RequestException as error:  # a permanent error, such as a malformed address
            raise Refused(network_reason(error)) from error
        fruitless = 0 if _size(partial) > before else fruitless + 1
        if fruitless == FRUITLESS:
            raise Refused(f"given up after {FRUITLESS} requests without a byte: {reason}")
        pause = min(2.0 ** (fruitless - 1), LONGEST_PAUSE) if pause is None else pause
        if reason != said:  # the same reason is said once
            transfer.say(f"{file.name}: {reason}; {_size(partial):,} bytes are here, again in {pause:g} s")
            said = reason
        transfer.sleep(pause)
    raise Refused(f"given up after {REQUESTS} requests")


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _asked_pause(error):
    """Seconds of the response's Retry-After header, at most five of the longest pauses."""
    answer = getattr(error, "response", None)
    asked = answer.headers.get("Retry-After", "") if answer is not None else ""
    return min(float(asked), 5 * LONGEST_PAUSE) if asked.isdigit() else None
