"""A downloader in the form that pooch accepts, which goes on where it was interrupted.

pooch's own starts every file anew. This one hands pooch's an open file and asks the server for the
bytes that are missing; what the server answers is seen, before any byte arrives, by the hook that
requests calls.
"""

import os
from pathlib import Path

import requests
from pooch import HTTPDownloader

CHUNK = 1 << 16
TIMEOUT = 30.0  # seconds without a byte, not for the whole file


class Refused(Exception):
    """This address will not give the file: no use in asking again."""


class Restart(Exception):
    """What is here cannot be continued: ask again, from the first byte."""


class ResumingDownloader(HTTPDownloader):
    """Continues the file at `output_file` with the bytes that a server still has for it.

    Args:
        size: Bytes that the file must have, if known. More are refused.
        checked: Whether the caller checks the file by a checksum afterwards.
            Where it cannot, bytes are added only if the server says by its
            ETag that the file is still the same one.
        progressbar, chunk_size, kwargs: As for `pooch.HTTPDownloader`.

    Raises:
        Refused: The address gives no such file, or a page of HTML instead.
        Restart: The server's bytes do not continue the file, which is removed.
        requests.RequestException: Anything that may pass.
    """

    def __init__(
        self, size=None, checked=True, progressbar=False, chunk_size=CHUNK, timeout=TIMEOUT, **kwargs
    ):
        super().__init__(progressbar=progressbar, chunk_size=chunk_size, timeout=timeout, **kwargs)
        self.size, self.checked = size, checked

    def __call__(self, url, output_file, pooch, check_only=False):
        if check_only:
            return super().__call__(url, output_file, pooch, check_only=True)
        path = Path(output_file)
        tag = path.with_name(path.name + ".etag")
        start = path.stat().st_size if path.exists() else 0
        # A compressed transfer has other offsets than the file.
        headers = {**self.kwargs.get("headers", {}), "Accept-Encoding": "identity"}
        if start and not self.checked:
            if tag.exists():
                headers["If-Range"] = tag.read_text()
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


class _Sink:
    """The open file, which knows what the server said about the bytes to come."""

    def __init__(self, file, start, size):
        self.file, self.start, self.size, self.answer = file, start, size, None

    def expect(self, answer, tag):
        """Read the head of an answer: does its body continue the file, replace it, or neither?"""
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
        self.clear()  # the server knows no ranges, or has another file by now
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
        """Hang up; what is left of an answer that was not wanted is not read."""
        if self.answer is not None:
            self.answer.close()


def _judge(error, sink):
    """What a status above 400 means: the file is whole, start anew, give up, or (raised again) later."""
    status, answer = error.response.status_code, error.response
    if status == 416:
        if sink.start and answer.headers.get("Content-Range", "") == f"bytes */{sink.start}":
            return  # all of it is here
        raise Restart("it has no bytes after those that are here") from error
    if status in (408, 425, 429) or status >= 500:
        raise error
    raise Refused(f"status {status} {answer.reason}") from error
