"""Damaged copies of files: what disks, transfers, editors and other programs make of them."""

import gzip
import io
import re
import zipfile

HUGE = [b"9" * 5000, b"1e999", b"-1", b"18446744073709551616", b"NaN", b"Infinity"]
NESTING = [b"[" * 20_000, b'{"a":' * 20_000, b"(" * 20_000, b"[" * 99 + b"]" * 99]
CODINGS = ["utf-16", "utf-16-le", "utf-32", "gbk", "utf-8-sig"]


def pick(rng, options):
    return options[rng.integers(len(options))]  # `rng.choice` would make NumPy scalars of them


def flip(data, other, rng):
    data = bytearray(data)
    for place in rng.integers(0, len(data), rng.choice([1, 1, 3, 20])):
        data[place] ^= 1 << rng.integers(0, 8)
    return bytes(data)


def flip_head(data, other, rng):
    """Headers are short, and most of what can go wrong is there."""
    data = bytearray(data)
    for place in rng.integers(0, min(128, len(data)), 3):
        data[place] = rng.integers(0, 256)
    return bytes(data)


def flip_tail(data, other, rng):
    """The directories of zip and of other archives are at the end."""
    return data[:-200] + flip(data[-200:], other, rng)


def cut(data, other, rng):
    return data[: rng.integers(0, len(data))]


def splice(data, other, rng):
    return data[: rng.integers(0, len(data))] + other[rng.integers(0, len(other)) :]


def repeat(data, other, rng):
    start, stop = sorted(rng.integers(0, len(data), 2))
    return data[:stop] + data[start:]


def empty(data, other, rng):
    return pick(rng, [b"", b"\n", b"\0" * 999, b"{}", b"[]", b"\n \n"])


def coding(data, other, rng):
    try:
        return data.decode().encode(pick(rng, CODINGS), "replace")
    except UnicodeDecodeError:
        return b"\xef\xbb\xbf" + data


def line_ends(data, other, rng):
    return data.replace(b"\n", pick(rng, [b"\r\n", b"\r", b"\n\n", b"\xe2\x80\xa8", b""]))


def numbers(data, other, rng):
    """Other numbers where there are some, huge ones among them."""
    return re.sub(rb"\d+", lambda found: pick(rng, HUGE) if rng.random() < 0.3 else found[0], data)


def nesting(data, other, rng):
    place = rng.integers(0, len(data))
    return data[:place] + pick(rng, NESTING) + data[place:]


def swap_columns(data, other, rng):
    """Exchange two fields, keys or words everywhere."""
    words = re.findall(rb"[\w\[\]]+|[^\x00-\x7f]+", data)[:200] or [b"a"]
    a, b = (words[place] for place in rng.integers(0, len(words), 2))
    return data.replace(a, b"\0\1").replace(b, a).replace(b"\0\1", b)


def surrogate(data, other, rng):
    """Half of a surrogate pair, as JSON writes it, and other values in the place of a text."""
    new = pick(rng, [rb"\ud800", rb"\u0000", rb'", "', rb"\x", b"\xed\xa0\x80"])
    place = data.find(b'"', rng.integers(0, len(data))) + 1
    return data[:place] + new + data[place:]


def page(data, other, rng):
    return pick(rng, [b"<!DOCTYPE html><html>Log in</html>", b'{"error": "not found"}', b"404"])


KINDS = [
    flip, flip, flip_head, flip_head, flip_tail, cut, cut, splice, repeat, empty, coding, line_ends, numbers,
    nesting, swap_columns, surrogate, page,
]  # fmt: skip


def damaged(name, data, other, rng):
    """`(name of the damage, damaged bytes)` of the file `name`, half of the time inside its compression."""
    kind = pick(rng, KINDS)
    if name.endswith((".zip", ".npz")):
        if rng.random() < 0.1:
            return "zip flags", zip_flags(data, rng)
        if rng.random() < 0.5:
            return f"{kind.__name__} inside", zip_inside(data, kind, rng)
    if name.endswith(".gz") and rng.random() < 0.5:
        return f"{kind.__name__} inside", gzip.compress(kind(gzip.decompress(data), data, rng))
    return kind.__name__, kind(data, other, rng)


def zip_flags(data, rng):
    """All members encrypted, or compressed by a method that nobody knows."""
    data, encrypted = bytearray(data), rng.random() < 0.5
    for magic, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(magic)
        while start >= 0:
            data[start + place + (0 if encrypted else 2)] = 1 if encrypted else 99
            start = data.find(magic, start + 4)
    return bytes(data)


def zip_inside(data, kind, rng):
    """The archive with one damaged member, whose checksum is right."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = pick(rng, list(members))
    members[name] = kind(members[name], members[pick(rng, list(members))], rng)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
