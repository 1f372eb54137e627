"""Writers of tiny files in the official formats of data sets."""

import io
import pickle
import tarfile
import zipfile

import numpy as np
from PIL import Image


class Python2Pickler(pickle._Pickler):
    """Writes strings as Python 2 does, for CIFAR-10."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        data = text.encode("latin1") if isinstance(text, str) else text
        self.write(pickle.BINSTRING + len(data).to_bytes(4, "little") + data)
        self.memoize(text)

    dispatch[str] = dispatch[bytes] = save_string


def python2_pickle(value):
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def cifar10_batch(images, labels, dump=python2_pickle):
    """One batch: rows of 1,024 red bytes, then green, then blue."""
    pixels = np.array(
        [[row[y, x, colour] for colour in range(3) for y in range(32) for x in range(32)] for row in images]
    )
    names = [f"image_{row}.png" for row in range(len(images))]
    return dump(
        {"batch_label": "a batch", "labels": list(map(int, labels)), "data": pixels, "filenames": names}
    )


def tar_gz(path, members):
    """An archive of `{name: bytes}`."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def zip_file(path, members):
    """An archive of `{name: bytes}`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def pgm(image):
    """A grey image as portable graymap."""
    height, width = image.shape
    return f"P5\n{width} {height}\n255\n".encode() + image.tobytes()


def orl_members(faces, folder=""):
    """The files of ORL's archive: faces by `(person, number)`, and its README."""
    files = {f"{folder}s{person}/{number}.pgm": pgm(face) for (person, number), face in faces.items()}
    return {f"{folder}README": b"give credit to Olivetti Research Laboratory", **files}


def jpeg(image, **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return file.getvalue()


def claiming(data, width, height):
    """A JPEG file whose header (ITU T.81, B.2.2) claims a wrong size."""
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[place + 4 :]


def jpeg_arrays(images, labels):
    """Arrays `jpeg`, `offset` and `label` of an .npz of JPEG files."""
    files = [jpeg(image) for image in images]
    return {
        "jpeg": np.frombuffer(b"".join(files), np.uint8),
        "offset": np.cumsum([0, *map(len, files)]),
        "label": np.asarray(labels, np.uint8),
    }


def excel_97(texts):
    """An .xls file with these cells in its first column: a BIFF 8 stream in an OLE 2 container.

    [MS-XLS] 2.4 and [MS-CFB] 2: one stream of 512-byte sectors, its allocation table, the directory.
    """

    def record(number, data=b""):
        return number.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data

    def cell(row, value):
        where = row.to_bytes(2, "little") + bytes(4)
        if isinstance(value, float):
            return record(0x0203, where + np.float64(value).tobytes())  # NUMBER
        text = value.encode("utf-16-le")
        return record(0x0204, where + len(value).to_bytes(2, "little") + b"\1" + text)  # LABEL

    begin = bytes.fromhex("0006")  # version 8
    book = record(0x0809, begin + bytes.fromhex("0500") + bytes(12))
    name = "Sheet1".encode("utf-16-le")
    bound = bytes(2) + b"\6\1" + name
    size = len(book) + len(record(0x0085, bytes(4) + bound)) + len(record(0x000A))
    book += record(0x0085, size.to_bytes(4, "little") + bound) + record(0x000A)
    book += record(0x0809, begin + bytes.fromhex("1000") + bytes(12))
    book += b"".join(cell(row, value) for row, value in enumerate(texts) if value is not None) + record(
        0x000A
    )

    book = book.ljust(max(4096, -(-len(book) // 512) * 512), b"\0")  # shorter streams live elsewhere
    count = len(book) // 512
    assert count + 2 <= 128, "one sector of the allocation table"
    table = [
        *range(1, count),
        0xFFFFFFFE,
        0xFFFFFFFD,
        0xFFFFFFFE,
    ]  # the stream, the table itself, the directory
    table = np.array(table + [0xFFFFFFFF] * (128 - len(table)), "<u4").tobytes()

    def entry(name, kind, child, start, length):
        text = (name + "\0").encode("utf-16-le") if name else b""
        links = np.array([0xFFFFFFFF, 0xFFFFFFFF, child], "<u4").tobytes()
        tail = np.array([start, length, 0], "<u4").tobytes()
        return (
            text.ljust(64, b"\0")
            + len(text).to_bytes(2, "little")
            + bytes([kind, 1])
            + links
            + bytes(36)
            + tail
        )

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 0, len(book))
    head = (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + bytes(16)
        + np.array([0x3E, 3, 0xFFFE, 9, 6], "<u2").tobytes()
        + bytes(6)
    )
    head += np.array([0, 1, count + 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, count], "<u4").tobytes()
    return head.ljust(512, b"\xff") + book + table + directory.ljust(512, b"\0")


def idx(array):
    """The IDX format of MNIST, gzip."""
    import gzip

    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return gzip.compress(head + array.tobytes())
