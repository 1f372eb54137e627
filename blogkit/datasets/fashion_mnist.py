"""Fashion-MNIST: images of clothing in the format of MNIST (Xiao, Rasul, Vollgraf, 2017)."""

import math
from pathlib import Path

import numpy as np

from blogkit.datasets.catalogue import OFFICIAL, chosen, is_official, official_file, source_path
from blogkit.datasets.compressed import open_gzip
from blogkit.datasets.images import Images, checked
from blogkit.datasets.reading import reader, reading
from blogkit.files_read import note

PARTS = ("train", "t10k")


@reader
def fashion_mnist(source: str | Path = "official") -> Images:
    """Read Fashion-MNIST: 60,000 + 10,000 images, uint8 `(rows, 28, 28)`, labels 0 to 9.

    Args:
        source: `"official"`: the four IDX files in the data folder, checked by
            hash. `"imported"`: the files copied there by `python -m data_download
            import fashion_mnist`. Otherwise the path of a folder with files of those
            names. The IDX files of MNIST have the same names and format.

    Raises:
        MissingDataset: If a file is missing; says where to get it.
        ValueError: If a file does not have the expected contents.
    """
    source = chosen("fashion_mnist", source)
    names = [(f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz") for part in PARTS]
    if source == OFFICIAL:
        paths = [[official_file("fashion_mnist", name) for name in pair] for pair in names]
    else:
        folder = source_path("fashion_mnist", source)
        paths = [[folder / name for name in pair] for pair in names]
        if lost := [path.name for pair in paths for path in pair if not path.is_file()]:
            raise ValueError(
                f"{folder} needs the four IDX files, named as those of MNIST. Missing: {', '.join(lost)}."
            )
    arrays = []
    for image_path, label_path in paths:
        images, labels = read_idx(image_path), read_idx(label_path)
        arrays += checked(images, labels, (28, 28), f"{image_path} with {label_path.name}")
    official = all(is_official("fashion_mnist", path) for pair in paths for path in pair)
    name = "Fashion-MNIST" if official else f"IDX format, {folder.name}"
    return Images(*arrays, name=name, stand_in=not official)


def read_idx(path: Path) -> np.ndarray:
    """Read the uint8 array of a gzip IDX file: bytes 0, 0, 8, then rank, sizes and values.

    Raises:
        ValueError: If the file is not in this format.
    """
    with reading(path, "a complete gzip file"), open_gzip(note(path)) as file:
        data = file.read()
    rank = data[3] if len(data) > 3 else 0
    shape = tuple(np.frombuffer(data[4 : 4 + 4 * rank], ">u4").tolist()) if len(data) >= 4 + 4 * rank else ()
    if data[:3] != b"\0\0\x08" or len(shape) != rank or len(data) != 4 + 4 * rank + math.prod(shape):
        raise ValueError(
            f"{path} is not an IDX file of unsigned bytes: it begins {data[:16].hex()}, {len(data):,} bytes."
        )
    return np.frombuffer(data[4 + 4 * rank :], np.uint8).reshape(shape)
