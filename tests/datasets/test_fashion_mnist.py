import gzip

import numpy as np
import pytest
from official_files import idx

from blogkit.datasets import MissingDataset, fashion_mnist

NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


@pytest.fixture
def arrays(rng):
    images = rng.integers(0, 256, (9, 28, 28)).astype("uint8")
    labels = np.arange(9, dtype="uint8")
    return dict(zip(NAMES, (images, labels, images[:4], labels[:4])))


def write(folder, arrays):
    folder.mkdir(exist_ok=True)
    for name, array in arrays.items():
        (folder / name).write_bytes(idx(array))
    return folder


def test_the_four_files(tmp_path, data, arrays, publish):
    found = fashion_mnist(write(tmp_path / "mine", arrays))
    for part, name in zip((found.x_train, found.y_train, found.x_valid, found.y_valid), NAMES):
        np.testing.assert_array_equal(part, arrays[name])
    assert found.stand_in and found.y_train.dtype == np.int64
    with pytest.raises(MissingDataset, match="data_download get fashion_mnist"):
        fashion_mnist()
    folder = write(data / "fashion_mnist", arrays)
    with pytest.raises(ValueError, match="not the official train-images"):
        fashion_mnist()
    publish("fashion_mnist", *folder.iterdir())
    assert fashion_mnist().name == "Fashion-MNIST" and not fashion_mnist().stand_in


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (1, lambda labels: labels[:8], r"\(9, 28, 28\), labels uint8 \(8,\)"),
        (1, lambda labels: labels + np.uint8(5), "labels that are not 0 to 9"),
        (2, lambda images: images[:, :27], r"\(4, 27, 28\)"),
        (0, lambda images: images[:0], "at least one"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, arrays, number, change, words):
    arrays[NAMES[number]] = change(arrays[NAMES[number]])
    with pytest.raises(ValueError, match=words):
        fashion_mnist(write(tmp_path, arrays))


def test_files_that_are_no_idx_are_named(tmp_path, arrays):
    folder = write(tmp_path, arrays)
    path = folder / NAMES[0]
    whole = gzip.decompress(path.read_bytes())
    for content in (whole[:-1], whole + b"!", whole[:6], b"", b"\0\0\x0d" + whole[3:]):
        path.write_bytes(gzip.compress(content))
        with pytest.raises(ValueError, match="is not an IDX file of unsigned bytes"):
            fashion_mnist(folder)
    path.write_bytes(b"<html>")
    with pytest.raises(ValueError, match="not a complete gzip file"):
        fashion_mnist(folder)
    path.unlink()
    with pytest.raises(
        ValueError, match=f"needs the four IDX files, named as those of MNIST. Missing: {NAMES[0]}[.]"
    ):
        fashion_mnist(folder)
