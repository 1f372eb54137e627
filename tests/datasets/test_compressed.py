"""A small file that unpacks to a large one is refused before the memory is full."""

import gzip
import json
import zipfile

import numpy as np
import pytest
from official_files import tar_gz

from blogkit.datasets import (
    bert_vocabulary,
    cifar10,
    compressed,
    fashion_mnist,
    mnist,
    orl_faces,
    sentiment,
    text_files,
)


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    monkeypatch.setattr(compressed, "LARGEST", 100_000)
    return 100_000


def bomb(path, data=bytes(200_000)):
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(data))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.npy", data)
    return path


@pytest.mark.parametrize(
    ("reader", "name"),
    [
        (bert_vocabulary, "vocab.txt.gz"),
        (sentiment, "rows.zip"),
        (sentiment, "rows.jsonl.gz"),
        (mnist, "a.npz"),
        (orl_faces, "a.npz"),
        (orl_faces, "a.zip"),
        (cifar10, "a.npz"),
        (cifar10, "a.tar.gz"),
    ],
)
def test_what_unpacks_to_too_much_is_refused(tmp_path, reader, name):
    path = tmp_path / name
    if name == "a.tar.gz":
        tar_gz(path, {"data_batch_1": bytes(200_000)})
    else:
        bomb(path, b"\n" * 200_000)
    with pytest.raises(ValueError, match=rf"{name}.* unpacks to .*more than 100,000"):
        reader(path)


def test_an_idx_file_too(tmp_path):
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        bomb(tmp_path / f"{name}-ubyte.gz")
    with pytest.raises(ValueError, match="train-images-idx3-ubyte.gz is not .*more than 100,000 bytes"):
        fashion_mnist(tmp_path)


def test_a_line_has_a_length(tmp_path, monkeypatch):
    monkeypatch.setattr(text_files, "LONGEST_LINE", 1000)
    path = tmp_path / "rows.jsonl"
    rows = [json.dumps({"text": f"{number}", "label": 1}) for number in range(9)]
    path.write_text("\n".join(rows))
    assert len(sentiment(path).train) == 7
    path.write_text("\n".join([*rows, "x" * 1001]))
    with pytest.raises(ValueError, match=r"rows.jsonl, line 10 has more than 1,000 characters"):
        sentiment(path)


def test_a_header_may_not_announce_more_than_the_file_has(tmp_path):
    """NumPy asks for the memory before it reads."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("x.npy", "w") as file:
        head = {"descr": "|u1", "fortran_order": False, "shape": (10**15, 28, 28)}
        np.lib.format.write_array_header_1_0(file, head)
    with pytest.raises(ValueError, match=r"a.npz is not .*: it asks for more memory than there is"):
        mnist(path)
