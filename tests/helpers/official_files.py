"""Writes tiny files in the formats that data sets are published in."""

import io
import pickle
import tarfile

import numpy as np
from PIL import Image


class Python2Pickler(pickle._Pickler):
    """Writes strings as Python 2 did; CIFAR-10 was published with that."""

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
    """One batch: 1,024 red bytes a row, then green, then blue."""
    pixels = np.array([[row[y, x, colour] for colour in range(3) for y in range(32) for x in range(32)] for row in images])
    names = [f"image_{row}.png" for row in range(len(images))]
    return dump({"batch_label": "a batch", "labels": list(map(int, labels)), "data": pixels, "filenames": names})


def tar_gz(path, members):
    """An archive of `{name: bytes}`."""
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def jpeg(image, **options):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return file.getvalue()


def jpeg_arrays(images, labels):
    """Arrays `jpeg`, `offset` and `label` of an .npz of JPEG files."""
    files = [jpeg(image) for image in images]
    return {
        "jpeg": np.frombuffer(b"".join(files), np.uint8),
        "offset": np.cumsum([0, *map(len, files)]),
        "label": np.asarray(labels, np.uint8),
    }
