"""The file that a faulty server has for the tests of `fetch`, and what it is known by."""

import hashlib

import numpy as np

from blogkit.datasets.catalogue import File

BODY = np.random.default_rng(0).bytes(50_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
PAGE = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>"


def file_at(server, *paths, **changes):
    urls = tuple(server.url + path for path in paths or ("/file",))
    return File(**{"name": "file.bin", "urls": urls, "size": len(BODY), "sha256": SHA256, **changes})


def left(place):
    """Files beside a place, without the record of first fetches."""
    names = {path.name for path in place.parent.iterdir() if path.is_file()}
    return sorted(names - {".fetched.json"})
