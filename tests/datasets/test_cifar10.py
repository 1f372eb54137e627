import os
import pickle

import numpy as np
import pytest
from official_files import cifar10_batch, claiming, jpeg, jpeg_arrays, python2_pickle, tar_gz

from blogkit.datasets import Images, MissingDataset, cifar10, data_folder

BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def rows(rng, count):
    """Smooth images, which JPEG hardly changes."""
    corner, slope = rng.integers(0, 100, (2, count, 1, 1, 3))
    ramp = np.arange(32)
    images = corner + slope * ramp[:, None, None] // 64 + (100 - slope) * ramp[None, :, None] // 64
    return images.astype("uint8"), np.arange(count) % 10


@pytest.fixture(scope="module")
def parts():
    """Six batches of two or three images: (images, labels) of each."""
    rng = np.random.default_rng(0)
    return [rows(rng, 2 + (number == 5)) for number in range(6)]


@pytest.fixture(scope="module")
def members(parts):
    return {name: cifar10_batch(*part) for name, part in zip(BATCHES, parts)}


def assert_holds(images, parts):
    assert isinstance(images, Images)
    np.testing.assert_array_equal(images.x_train, np.concatenate([x for x, _ in parts[:5]]))
    np.testing.assert_array_equal(images.y_train, np.concatenate([y for _, y in parts[:5]]))
    np.testing.assert_array_equal(images.x_valid, parts[5][0])
    np.testing.assert_array_equal(images.y_valid, parts[5][1])
    assert images.x_train.dtype == np.uint8 and images.y_train.dtype == images.y_valid.dtype == np.int64


def test_the_batches_as_python_2_wrote_them(tmp_path, parts, members):
    assert b"cnumpy.core.multiarray\n" in members["test_batch"] and b"encode" not in members["test_batch"]
    archive = tar_gz(
        tmp_path / "cifar-10-python.tar.gz", {f"cifar-10-batches-py/{n}": d for n, d in members.items()}
    )
    images = cifar10(archive)
    assert_holds(images, parts)
    assert images.stand_in and images.name == "CIFAR-10 format, cifar-10-python.tar.gz"
    folder = tmp_path / "unpacked" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, data in members.items():
        (folder / name).write_bytes(data)
    for path in (folder, folder.parent, str(folder)):
        assert_holds(cifar10(path), parts)


def test_the_batches_as_python_3_writes_them(tmp_path, parts):
    def dump(value):
        return pickle.dumps({key.encode(): entry for key, entry in value.items()}, protocol=2)

    for name, part in zip(BATCHES, parts):
        (tmp_path / name).write_bytes(cifar10_batch(*part, dump=dump))
    assert_holds(cifar10(tmp_path), parts)


class Attack:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


@pytest.mark.parametrize("call", [os.mkdir, eval, getattr, np.load, np.fromfile])
def test_a_pickle_that_would_run_code_is_refused(tmp_path, parts, members, call):
    trap = tmp_path / "trap"
    argument = f"__import__('os').mkdir({str(trap)!r})" if call is eval else str(trap)
    for name, data in members.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "data_batch_3").write_bytes(pickle.dumps({"data": Attack(call, argument)}, protocol=2))
    with pytest.raises(
        ValueError, match=r"data_batch_3 is not a pickle of plain arrays: it calls \S+\."
    ) as error:
        cifar10(tmp_path)
    assert call.__name__ in str(error.value)
    assert not trap.exists()


IMAGES = np.zeros((2, 32, 32, 3), "uint8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: None, "lacks the batch data_batch_2"),
        (lambda data: b"", "data_batch_2 is not a pickle"),
        (lambda data: data[:-100], "data_batch_2 is not a pickle"),
        (lambda data: b"<html>404</html>", "data_batch_2 is not a pickle"),
        (lambda data: python2_pickle([1, 2]), "data_batch_2 needs the keys data and labels"),
        (lambda data: python2_pickle({"data": IMAGES, "fine_labels": [1, 2]}), "Received: .*fine_labels"),
        (lambda data: python2_pickle({"data": "text", "labels": [1, 2]}), "needs the keys data and labels"),
        (
            lambda data: python2_pickle({"data": IMAGES.reshape(2, 3072)[:, :99], "labels": [1, 2]}),
            r"uint8 \(2, 99\)",
        ),
        (lambda data: python2_pickle({"data": IMAGES.reshape(2, 3072) / 2, "labels": [1, 2]}), "float64"),
        (lambda data: cifar10_batch(IMAGES, [1]), r"labels int64 \(1,\)"),
        (lambda data: cifar10_batch(IMAGES, [1, 10]), "not 0 to 9.*10"),
        (
            lambda data: python2_pickle({"data": IMAGES.reshape(2, 3072), "labels": [1, [2, 3]]}),
            "labels must be a list of integers",
        ),
    ],
)
def test_batches_that_do_not_fit_are_named(tmp_path, members, change, words):
    changed = members | {"data_batch_2": change(members["data_batch_2"])}
    for name, data in changed.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=words) as error:
        cifar10(tmp_path)
    assert str(tmp_path) in str(error.value)


def test_archives_that_do_not_fit_are_named(tmp_path, members):
    path = tar_gz(tmp_path / "cifar.tar.gz", members)
    whole = path.read_bytes()
    for content in (b"", b"<html>404</html>", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"cifar\.tar\.gz is not a complete tar archive"):
            cifar10(path)
    tar_gz(path, {"data_batch_1": bytes(40_000_001)})
    with pytest.raises(ValueError, match="more than 40,000,000 bytes"):
        cifar10(path)


def test_the_checksum_of_the_archive_counts(tmp_path, members):
    """It is at the end of the gzip file, behind all that tar reads."""
    path = tar_gz(tmp_path / "a.tar.gz", members)
    cifar10(path)
    data = path.read_bytes()
    path.write_bytes(data[:-8] + bytes([data[-8] ^ 1]) + data[-7:])
    with pytest.raises(ValueError, match=r"a\.tar\.gz is not a complete tar archive.*CRC check failed"):
        cifar10(path)


def test_too_many_members_are_refused(tmp_path, members, monkeypatch):
    monkeypatch.setattr("blogkit.datasets.cifar10_batches.MEMBERS", 5)
    with pytest.raises(ValueError, match=r"a\.tar\.gz is not .*: it has more than 5 members"):
        cifar10(tar_gz(tmp_path / "a.tar.gz", members))


def test_arrays_are_read_as_they_are(tmp_path, rng):
    (x_train, y_train), (x_test, y_test) = rows(rng, 7), rows(rng, 4)
    arrays = {"x_train": x_train, "y_train": y_train.astype("uint8"), "x_test": x_test, "y_test": y_test}
    np.savez(tmp_path / "all.npz", **arrays)
    folder = tmp_path / "arrays"
    folder.mkdir()
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    for path in (tmp_path / "all.npz", folder):
        assert_holds(
            cifar10(path), [(x_train, y_train)] + 4 * [(x_train[:0], y_train[:0])] + [(x_test, y_test)]
        )


def test_jpeg_bytes_are_decoded(tmp_path, rng):
    images, labels = rows(rng, 60)
    path = tmp_path / "some.npz"
    np.savez(path, **jpeg_arrays(images, labels))
    found = cifar10(path)
    assert found.x_train.shape == (50, 32, 32, 3) and found.x_valid.shape == (10, 32, 32, 3)
    assert np.bincount(found.y_valid).tolist() == 10 * [1]
    assert found.stand_in and found.name == "CIFAR-10 format, some.npz, 60 images"
    given, first = images.astype(int), images[0].astype(int)
    for pixels, label in zip(found.x_train.astype(int), found.y_train):
        near = abs(given - pixels).max(axis=(1, 2, 3)) <= 4  # quality 95 of a smooth picture
        assert near.any() and label in labels[near]
    assert abs(first - given[1]).max() > 4

    folder = tmp_path / "folder"
    folder.mkdir()
    np.savez(folder / "train_20k.npz", **jpeg_arrays(images[:50], labels[:50]))
    np.savez(folder / "test_a.npz", **jpeg_arrays(images[50:], labels[50:]))
    found = cifar10(folder)
    assert abs(found.x_train - given[:50]).max() <= 4 and abs(found.x_valid - given[50:]).max() <= 4
    np.testing.assert_array_equal(found.y_train, labels[:50])
    np.testing.assert_array_equal(found.y_valid, labels[50:])
    assert found.name == "CIFAR-10 format, folder, 50 + 10 images"


SMALL = jpeg_arrays(IMAGES, [1, 2])
BOMB = 2 * claiming(jpeg(IMAGES[0]), 60_000, 60_000)
THREE = jpeg_arrays(np.zeros((3, 32, 32, 3), "uint8"), [1, 2, 3])
LARGE = jpeg_arrays(np.zeros((2, 32, 33, 3), "uint8"), [1, 2])


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (dict(x=IMAGES), "Received: x"),
        (dict(), "Received: none"),
        (dict(x=IMAGES[..., :1], y=[1, 2]), r"\(2, 32, 32, 1\)"),
        (dict(x=IMAGES / 255, y=[1, 2]), "images float64"),
        (dict(x=IMAGES, y=[1, -2]), "not 0 to 9.*-2"),
        (dict(x=IMAGES[:0], y=[]), "at least one"),
        (dict(x=IMAGES, y=[1, 2]), "a class with at least 3 rows"),
        (SMALL | dict(offset=SMALL["offset"][::-1]), "increases from 0"),
        (THREE | dict(offset=THREE["offset"][[0, 2, 1, 3]].astype("uint64")), "increases from 0"),
        (SMALL | dict(offset=SMALL["offset"][:2]), "increases from 0"),
        (SMALL | dict(offset=SMALL["offset"] + 1), "increases from 0"),
        (SMALL | dict(offset=SMALL["offset"] / 1), "offset float64"),
        (SMALL | dict(jpeg=SMALL["jpeg"].astype(int)), "jpeg int64"),
        (SMALL | dict(jpeg=SMALL["jpeg"] * 0), "image 0 is not valid"),
        (SMALL | dict(offset=SMALL["offset"] - [0, 200, 0]), "image 0 is not valid"),
        (SMALL | dict(label=[1]), r"labels int64 \(1,\)"),
        (
            SMALL | dict(jpeg=np.frombuffer(BOMB, "uint8"), offset=[0, len(BOMB) // 2, len(BOMB)]),
            "image 0 .*: Image size",
        ),
        (LARGE, "image 0 is not valid: the size is 33 x 32 pixels"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, arrays, words):
    path = tmp_path / "some.npz"
    np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()})
    with pytest.raises(ValueError, match=words) as error:
        cifar10(path)
    assert str(path) in str(error.value)


def test_a_folder_of_something_else_says_what_it_holds(tmp_path):
    with pytest.raises(ValueError, match="data_batch_1.*x_train.npy.*Received: an empty folder"):
        cifar10(tmp_path)
    (tmp_path / "train.txt").touch()
    with pytest.raises(ValueError, match="Received: train.txt"):
        cifar10(tmp_path)


def test_a_missing_file_names_set_place_and_remedy(tmp_path):
    for source in (tmp_path / "none.npz", "ofical"):
        with pytest.raises(MissingDataset, match='CIFAR-10 is not at .*"official" or "imported"') as error:
            cifar10(source)
        assert str(source) in str(error.value)


def test_the_official_archive_is_known_by_its_hash(tmp_path, monkeypatch, publish, parts, members):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    place = tmp_path / "cifar10" / "cifar-10-python.tar.gz"
    with pytest.raises(MissingDataset) as error:
        cifar10()
    text = str(error.value)
    assert text.startswith(f"CIFAR-10 is not at {place}. ") and "python -m data_download get cifar10" in text

    place.parent.mkdir()
    tar_gz(place, members)
    with pytest.raises(
        ValueError, match=r"not the official cifar-10-python.tar.gz: .*; sha256 \w{64}. Move it away"
    ):
        cifar10()
    publish("cifar10", place)
    for source in ("official", place):
        images = cifar10(source)
        assert_holds(images, parts)
        assert not images.stand_in and images.name == "CIFAR-10"


def test_imported_files_are_read_by_name(tmp_path, monkeypatch, members, parts):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    with pytest.raises(MissingDataset, match="data_download import cifar10 PATH"):
        cifar10("imported")
    folder = tmp_path / "cifar10" / "imported"
    folder.mkdir(parents=True)
    for name, data in members.items():
        (folder / name).write_bytes(data)
    assert_holds(cifar10("imported"), parts)
    assert cifar10("imported").stand_in


@pytest.mark.skipif(
    not (data_folder() / "cifar10/cifar-10-python.tar.gz").exists(),
    reason="needs cifar10/cifar-10-python.tar.gz in BLOGKIT_DATA",
)
def test_the_official_set_as_it_is_published():
    images = cifar10()
    assert images.x_train.shape == (50_000, 32, 32, 3) and images.x_valid.shape == (10_000, 32, 32, 3)
    assert np.bincount(images.y_train).tolist() == 10 * [5000] and np.bincount(
        images.y_valid
    ).tolist() == 10 * [1000]
    # The means that everyone normalizes with.
    np.testing.assert_allclose(images.x_train.mean((0, 1, 2)) / 255, [0.4914, 0.4822, 0.4465], atol=5e-5)
