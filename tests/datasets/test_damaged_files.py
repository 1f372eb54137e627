"""Randomly damaged files: a reader returns rows, or raises a ValueError that names the file."""

import gzip
import io

import numpy as np
import pytest
from official_files import cifar10_batch, excel_97, idx, jpeg_arrays, orl_members, tar_gz, zip_file

from blogkit.datasets import (
    bert_vocabulary,
    celeba,
    cifar10,
    event_subjects,
    fashion_mnist,
    mnist,
    orl_faces,
    sentiment,
    sinica_trees,
    wsj_trees,
)
from blogkit.datasets.triples import read_sentences

COUNT = 150  # damages of each format


def npz(save=np.savez, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def colours(count):
    ramp = np.arange(count * 32 * 32 * 3) // 96
    return ramp.reshape(count, 32, 32, 3).astype("uint8")


LABELS, COLOURS = np.arange(6, dtype="uint8"), colours(6)
DIGITS = {"x": np.tile(np.arange(28, dtype="uint8"), (30, 28, 1)), "y": np.arange(30) % 10}
FACES = np.tile(np.arange(92, dtype="uint8"), (6, 112, 1))
PORTRAITS = {(person, number): FACES[0] for person in (1, 2, 3) for number in (1, 2)}
SKE = '{"text": "甲在乙", "spo_list": [{"subject": "甲", "predicate": "在", "object": "乙"}]}\n'
VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n甲\n"


def batches(folder):
    names = [
        *(f"cifar-10-batches-py/data_batch_{number}" for number in range(1, 6)),
        "cifar-10-batches-py/test_batch",
    ]
    return tar_gz(folder / "a.tar.gz", dict.fromkeys(names, cifar10_batch(colours(2), [1, 2]))).read_bytes()


def in_zip(folder):
    return zip_file(folder / "a.zip", orl_members(PORTRAITS)).read_bytes()


def events(folder):
    return "".join(f'"{number}","甲{number}","乙","甲"\n' for number in range(9)).encode()


def reviews(folder):
    return "".join(f'{{"text": "好{number}", "label": 1}}\n' for number in range(9)).encode()


IDX = {
    f"{part}-{kind}": data
    for part in ("train", "t10k")
    for kind, data in (("images-idx3-ubyte.gz", idx(DIGITS["x"][:6])), ("labels-idx1-ubyte.gz", idx(LABELS)))
}
ARRAYS = {
    f"{kind}_{part}.npy": npy(rows)
    for part in ("train", "test")
    for kind, rows in (("x", COLOURS), ("y", LABELS))
}
ALIGNED = {
    "celeba_64.npy": npy(np.zeros((3, 64, 64, 3), "uint8")),
    "partition.npy": npy(np.array([0, 1, 2], "uint8")),
    "arrays.json": b'{"official": false}',
}


def aligned(path):
    return celeba(path, size=64)


# Reader, name of the damaged file, function from a folder to its bytes; or all files of a folder by name.
FORMATS = {
    "mnist": (mnist, "a.npz", lambda folder: npz(**DIGITS)),
    "mnist, compressed": (mnist, "a.npz", lambda folder: npz(np.savez_compressed, **DIGITS)),
    "fashion, images": (fashion_mnist, "train-images-idx3-ubyte.gz", IDX),
    "fashion, labels": (fashion_mnist, "t10k-labels-idx1-ubyte.gz", IDX),
    "cifar10, jpeg": (cifar10, "a.npz", lambda folder: npz(**jpeg_arrays(colours(30), np.arange(30) % 10))),
    "cifar10, archive": (cifar10, "a.tar.gz", batches),
    "cifar10, images": (cifar10, "x_test.npy", ARRAYS),
    "cifar10, labels": (cifar10, "y_train.npy", ARRAYS),
    "celeba, faces": (aligned, "celeba_64.npy", ALIGNED),
    "celeba, parts": (aligned, "partition.npy", ALIGNED),
    "celeba, manifest": (aligned, "arrays.json", ALIGNED),
    "orl, arrays": (orl_faces, "a.npz", lambda folder: npz(x=FACES, subject=np.arange(6) // 2)),
    "orl, archive": (orl_faces, "a.zip", in_zip),
    "wsj": (
        wsj_trees,
        "a.mrg.gz",
        lambda folder: gzip.compress(b"( (S (NP (NN cat)) (VP (VBZ sits))) )\n" * 9),
    ),
    "sinica": (sinica_trees, "parsed", lambda folder: "#1:1.[2] VP(Head:VA13:回家)#。\n".encode() * 9),
    "events": (event_subjects, "a.csv", events),
    "triples": (read_sentences, "a.jsonl", lambda folder: SKE.encode() * 5),
    "reviews": (sentiment, "rows.jsonl", reviews),
    "sheets": (
        sentiment,
        "neg.xls",
        {"neg.xls": excel_97(["太差", "好"] * 3), "pos.xls": excel_97(["很好", "好"])},
    ),
    "vocabulary": (bert_vocabulary, "vocab.txt.gz", lambda folder: gzip.compress(VOCABULARY.encode())),
}


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional header parsing")
@pytest.mark.parametrize("form", FORMATS)
def test_damage_at_random_places(tmp_path, form, rng):
    reader, name, files = FORMATS[form]
    path = tmp_path / name
    if isinstance(files, dict):
        source = tmp_path
    else:
        source, files = path, {name: files(tmp_path)}
    for other, data in files.items():
        (tmp_path / other).write_bytes(data)
    whole = files[name]
    reader(source)  # undamaged it is read
    refused = 0
    for number in range(COUNT):
        data = bytearray(whole)
        for place in rng.integers(0, len(data), rng.choice([1, 1, 3, 20])):
            data[place] = rng.integers(0, 256)
        # Heads are short and most of what can go wrong is there.
        data[rng.integers(0, min(256, len(data)))] ^= 1 << rng.integers(0, 8)
        path.write_bytes(data[: rng.integers(0, len(data))] if number % 4 == 0 else data)
        try:
            reader(source)
        except ValueError as error:
            refused += 1
            assert str(tmp_path) in str(error)
    assert refused > 5  # the damage does reach what is checked
