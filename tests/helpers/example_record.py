"""A recorded run with two figures, as `python -m blogkit record` writes it."""

import dataclasses
import hashlib
import struct
import zlib

from blogkit.report import Claim
from blogkit.report.record import Record, RecordedFigure
from blogkit.runner.record_files import replace_record


def png(width=40, height=30, grey=128):
    """The bytes of a grey picture. Little is imported here, because tests start many processes."""

    def chunk(kind, content):
        crc = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * width) * height
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


PNG = png()
PNGS = (PNG, png(grey=64))


def record(pngs=PNGS, **changes):
    """A `Record` of notebook 01_one with a figure for each of `pngs`."""
    fields = dict(
        notebook="01_one",
        profile="evening",
        slug="cpu",
        article="https://kexue.fm/archives/6794",
        parameters={"seed": 0, "rate": 0.1},
        claims=(
            Claim(
                id="C1",
                kind="article",
                sentence="accuracy on 测试 <data>",
                values=(93.1, 93.5, 92.9),
                unit="%",
                article="98 %",
                null=90.9,
                at_least=90.9,
                dataset="digits",
                stand_in=True,
            ),
            Claim(id="C2", kind="identity", sentence="equal", value=1e-7, at_most=1e-5, dataset="digits"),
        ),
        data=[{"name": "digits", "parts": {"train": {"rows": 4000, "sha256": "ab"}}}],
        seeds=[0, 1, 2],
        measured=[{"name": "a step", "value": 1.5, "unit": "ms"}],
        trainable_parameters=12,
        commit="0123456789ab",
        python="3.12.1",
        system="Linux x86_64",
        versions={"jax": "0.10.2"},
        backend="jax",
        device="AMD EPYC 9B14",
        cores=2,
        date="2026-11-30",
        seconds=2000.5,
        resumed=False,
        peak_memory_mb=812.5,
        peak_device_memory_mb=None,
    )
    made = Record(**{**fields, **changes, "figures": ()})
    figures = tuple(
        RecordedFigure(
            file=f"{made.name}.{number}.png",
            sha256=hashlib.sha256(picture).hexdigest(),
            alt=f'a "falling" curve {number}',
            caption=f"Loss {number} & <steps>",
            width=40,
            height=30,
        )
        for number, picture in enumerate(pngs, 1)
    )
    return dataclasses.replace(made, figures=figures)


def write(folder, pngs=PNGS, **changes):
    """Write `record` to `folder` and return the path of its JSON."""
    return replace_record(folder, record(pngs, **changes), pngs)
