"""CelebA: memory-mapped arrays that a conversion wrote."""

import json

import numpy as np
import pytest

from blogkit.datasets import MissingDataset, celeba


@pytest.fixture
def write(tmp_path):
    """Function from arrays to a folder of them with a manifest."""

    def write(official=True, folder=tmp_path / "arrays", **arrays):
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array)
        (folder / "arrays.json").write_text(json.dumps({"official": official}))
        return folder

    return write


FACES = np.arange(5 * 64 * 64 * 3).reshape(5, 64, 64, 3).astype("uint8")
PARTITION = np.array([0, 0, 0, 1, 2], "uint8")


def test_faces_in_their_three_parts(write):
    folder = write(celeba_64=FACES, partition=PARTITION)
    found = celeba(folder, size=64)
    for part, rows in ((found.x_train, FACES[:3]), (found.x_valid, FACES[3:4]), (found.x_test, FACES[4:])):
        np.testing.assert_array_equal(part, rows)
        assert isinstance(part, np.memmap)
    assert not found.stand_in and found.name == "CelebA, 64 px"
    assert celeba(write(official=False), size=64).stand_in


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (dict(celeba_64=FACES[:, :32]), r"needs uint8 \(rows, 64, 64, 3\). Received: uint8 \(5, 32, 64, 3\)"),
        (dict(celeba_64=FACES / 255), "Received: float64"),
        (dict(celeba_64=FACES[:0]), r"Received: uint8 \(0, 64"),
        (dict(partition=np.uint8(0)), r"Received: uint8 \(\)"),
        (dict(partition=PARTITION[:4]), "for each of 5 faces"),
        (dict(partition=PARTITION[::-1]), "faces: 0, then 1, then 2"),
        (dict(partition=PARTITION + np.uint8(1)), "faces: 0, then 1, then 2"),
    ],
)
def test_faces_that_do_not_fit_are_named(write, arrays, words):
    with pytest.raises(ValueError, match=words):
        celeba(write(**dict(celeba_64=FACES, partition=PARTITION) | arrays), size=64)


@pytest.mark.parametrize("size", [32, "128", 0])
def test_there_are_two_sizes(size):
    with pytest.raises(ValueError, match="`size` must be one of 128, 64. Received: size="):
        celeba(size=size)


def test_the_official_faces_lie_in_the_data_folder(write, data):
    with pytest.raises(MissingDataset, match="python -m data_download get celeba"):
        celeba(size=64)
    write(folder=data / "celeba" / "arrays", celeba_64=FACES, partition=PARTITION)
    np.testing.assert_array_equal(celeba(size=64).x_train, FACES[:3])


def test_a_conversion_that_is_not_whole_is_not_read(write, data, tmp_path):
    folder = write(celeba_64=FACES, partition=PARTITION)
    (folder / "celeba_64.npy").write_bytes((folder / "celeba_64.npy").read_bytes()[:-1])
    with pytest.raises(ValueError, match="is not a complete .npy file"):
        celeba(folder, size=64)
    (folder / "arrays.json").write_text("[]")
    with pytest.raises(ValueError, match="is not the manifest of a conversion"):
        celeba(folder, size=64)
    (folder / "arrays.json").unlink()
    with pytest.raises(ValueError, match="needs arrays.json"):
        celeba(folder, size=64)
