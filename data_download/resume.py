"""A downloader for pooch that continues interrupted downloads.

pooch's own downloader starts every file anew. This one passes it an open file and requests only the
missing bytes; a response hook of requests checks the headers before any byte is written.
"""

import os
from pathlib import Path

import requests
from pooch import HTTPDownloader

CHUNK = 1 << 16
TIMEOUT = 30.0  # seconds without a byte, not for the whole file


class Refused(Exception):
    """The address will not give the file; retrying is useless."""


class Restart(Exception):
    """The partial file cannot be continued; start again from the first byte."""


class ResumingDownloader(HTTPDownloader):
    """Downloads the missing bytes of the file at `output_file`.

    Args:
        size: Size of the file in bytes, if known. More bytes are refused.
        checked: Whether the caller verifies a checksum afterwards. If not, bytes are
            appended only if the server's ETag says that the file has not changed.
        progressbar, chunk_size, kwargs: As for `pooch.HTTPDownloader`.

    Raises:
        Refused: If the address has no such file, or gives an HTML page instead.
        Restart: If the server's bytes do not continue the file, which is then emptied.
        requests.RequestException: For transient errors.
    """

    def __init__(
        self,
        size: int | None = None,
        checked: bool = True,
        progressbar: bool = False,
        chunk_size: int = CHUNK,
        timeout: float = TIMEOUT,
        **kwargs,
    ):
        super().__init__(progressbar=progressbar, chunk_size=chunk_size, timeout=timeout, **kwargs)
        self.size, self.checked = size, checked

    def __call__(self, url: str, output_file: str | Path, pooch, check_only: bool = False):
        if check_only:
            return super().__call__(url, output_file, pooch, check_only=True)
        path = Path(output_file)
        tag = path.with_name(path.name + ".etag")
        start = path.stat().st_size if path.exists() else 0
        # A compressed transfer has other offsets than the file.
        headers = {**self.kwargs.get("headers", {}), "Accept-Encoding": "identity"}
        if start and not self.checked:
            if validator := _validator(tag):
                headers["If-Range"] = validator
            else:
                path.unlink()
                start = 0
        if start:
            headers["Range"] = f"bytes={start}-"
        with open(path, "ab") as file:
            sink = _Sink(file, start, self.size)
            hooks = {"response": lambda answer, **_: sink.expect(answer, tag)}
            options = {**self.kwargs, "headers": headers, "hooks": hooks}
            once = HTTPDownloader(progressbar=self.progressbar, chunk_size=self.chunk_size, **options)
            try:
                once(url, sink, pooch)
            except Restart:
                sink.clear()
                raise
            except requests.HTTPError as error:
                _judge(error, sink)
            finally:
                sink.close()
            file.flush()
            os.fsync(file.fileno())
        tag.unlink(missing_ok=True)


def _validator(tag):
    """The ETag in a file; empty if there is none, or nothing that a header could hold."""
    text = tag.read_text(encoding="latin-1") if tag.is_file() else ""
    return text if text.isprintable() and text.isascii() else ""


class _Sink:
    """The open file, together with the headers of the response that is written to it."""

    def __init__(self, file, start, size):
        self.file, self.start, self.size, self.answer = file, start, size, None

    def expect(self, answer, tag):
        """Decide from the response headers whether the body continues the file, replaces it, or neither."""
        self.answer = answer
        if answer.status_code not in (200, 206):
            return
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            raise Refused(f"it answers with a page of HTML ({kind}), not with the file")
        if answer.status_code == 206:
            place = answer.headers.get("Content-Range", "")
            if not place.startswith(f"bytes {self.start}-"):
                raise Restart(f"asked for the bytes from {self.start:,} on, it sends {place or 'some'}")
            return
        self.clear()  # the server does not support ranges, or the file has changed
        self.start = 0
        validator = answer.headers.get("ETag", "")
        tag.unlink(missing_ok=True)
        if validator and not validator.startswith("W/"):
            tag.write_text(validator)

    def write(self, data):
        position = self.file.tell()
        if position == 0 and data[:64].lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise Refused("it answers with a page of HTML, not with the file")
        if self.size is not None and position + len(data) > self.size:
            kind = Restart if self.start else Refused
            raise kind(f"it sends more than the {self.size:,} bytes that the file has")
        return self.file.write(data)

    def flush(self):
        self.file.flush()

    def clear(self):
        self.file.truncate(0)
        self.file.seek(0)

    def close(self):
        """Close the connection; the rest of an unwanted response is not read."""
        if self.answer is not None:
            self.answer.close()


def _judge(error, sink):
    """Interpret a status of 400 or more: file complete, start again, give up, or (re-raised) retry."""
    status, answer = error.response.status_code, error.response
    if status == 416:
        if sink.start and answer.headers.get("Content-Range", "") == f"bytes */{sink.start}":
            return  # the file is complete
        raise Restart("it has no bytes after those that are here") from error
    if status in (408, 425, 429) or status >= 500:
        raise error
    raise Refused(f"status {status} {answer.reason}") from error
