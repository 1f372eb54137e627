"""ORL faces: three formats with equal rows, a split by person, malformed files."""

import io
import zipfile

import numpy as np
import pytest
from official_files import orl_members, pgm, zip_file
from PIL import Image

from blogkit.datasets import MissingDataset, data_folder, orl_faces


def portraits(rng, persons, each=10):
    """`{(person, number): face}`."""
    return {
        (person, number): rng.integers(0, 256, (112, 92)).astype("uint8")
        for person in persons
        for number in range(1, each + 1)
    }


def write_folder(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()


def as_rows(found):
    """Every row with its part and person."""
    parts = ((found.x_train, found.y_train, "train"), (found.x_valid, found.y_valid, "valid"))
    return {
        (face.tobytes(), int(y), part) for faces, persons, part in parts for face, y in zip(faces, persons)
    }


@pytest.fixture(scope="module")
def faces():
    # Person 10 comes after 9, not after 1.
    return portraits(np.random.default_rng(0), [1, 2, 3, 9, 10, 12, 31], each=3)


@pytest.fixture
def stored(tmp_path, faces):
    """The same faces in each format."""
    x, subject = np.stack(list(faces.values())), np.array([person for person, _ in faces], "uint8")
    np.savez(tmp_path / "orl.npz", x=x, subject=subject, shot=np.arange(len(x)))
    return {
        "npz": tmp_path / "orl.npz",
        "zip": zip_file(tmp_path / "faces.zip", orl_members(faces, "att_faces/")),
        "flat zip": zip_file(tmp_path / "flat.zip", orl_members(faces)),
        "folder": write_folder(tmp_path / "unpacked", orl_members(faces, "att_faces/")),
        "inner folder": write_folder(tmp_path / "人 脸", orl_members(faces)),
    }


def test_every_format_has_the_same_rows_in_the_same_order(stored, faces):
    found = {form: orl_faces(path) for form, path in stored.items()}
    for form, one in found.items():
        for field in ("x_train", "y_train", "x_valid", "y_valid"):
            np.testing.assert_array_equal(getattr(one, field), getattr(found["npz"], field), err_msg=form)
        assert one.stand_in and one.name == f"ORL format, {stored[form].name}, 21 faces of 7 persons"
        assert one.y_train.dtype == one.y_valid.dtype == np.int64
    rows = {(face, person) for face, person, _ in as_rows(found["npz"])}
    assert rows == {(face.tobytes(), person) for (person, _), face in faces.items()}


def test_no_person_is_in_both_parts(stored):
    found = orl_faces(stored["npz"])
    train, valid = set(found.y_train.tolist()), set(found.y_valid.tolist())
    assert not train & valid and len(valid) == 1 and len(train) == 6  # a fifth of 7, rounded
    assert len(found.x_train) == 18 and len(found.x_valid) == 3
    assert (np.diff(found.y_train) < 0).any()  # shuffled: the first rows are of several persons


def test_the_official_archive_is_known_by_what_it_holds(data, rng):
    with pytest.raises(MissingDataset, match="ORL.* is not at .*att_faces.zip.*data_download get orl_faces"):
        orl_faces()
    whole = portraits(rng, range(1, 41))
    folder = data / "orl_faces"
    folder.mkdir()
    path = zip_file(folder / "att_faces.zip", orl_members(whole))
    found = orl_faces("official")
    assert not found.stand_in and found.name == "ORL faces"
    assert len(set(found.y_train.tolist())) == 32 and len(set(found.y_valid.tolist())) == 8
    assert found.x_train.shape == (320, 112, 92) and found.x_valid.shape == (80, 112, 92)
    assert orl_faces(path).stand_in  # given by its path nobody vouches for it
    del whole[7, 3]
    zip_file(path, orl_members(whole, "orl_faces/"))
    with pytest.raises(
        ValueError, match="zip: it must hold 10 faces of each .* 1 to 40. Received: 399 faces of 40"
    ):
        orl_faces()
    zip_file(path, orl_members(portraits(rng, range(2, 42))))
    with pytest.raises(ValueError, match="is not the official att_faces.zip"):
        orl_faces()


def test_imported_files_are_read_by_name(data, stored, faces):
    with pytest.raises(MissingDataset, match="data_download import orl_faces PATH"):
        orl_faces("imported")
    folder = data / "orl_faces" / "imported"
    folder.mkdir(parents=True)
    stored["zip"].rename(folder / "faces.zip")
    assert orl_faces("imported").name == "ORL format, faces.zip, 21 faces of 7 persons"
    stored["npz"].rename(folder / "orl.npz")
    with pytest.raises(ValueError, match="one .zip or .npz of them. Received: faces.zip, orl.npz"):
        orl_faces("imported")


X, SUBJECT = np.zeros((9, 112, 92), "uint8"), np.arange(9) // 3


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (dict(x=X), "needs the arrays x and subject. Received: x"),
        (dict(), "Received: none"),
        (dict(x=X.transpose(0, 2, 1), subject=SUBJECT), r"uint8 \(9, 92, 112\)"),
        (dict(x=X[..., None], subject=SUBJECT), r"\(9, 112, 92, 1\)"),
        (dict(x=X / 255, subject=SUBJECT), "x float64"),
        (dict(x=X[:0], subject=SUBJECT[:0]), "at least one"),
        (dict(x=X, subject=SUBJECT[:8]), r"subject int64 \(8,\)"),
        (dict(x=X, subject=SUBJECT / 2), "subject float64"),
        (dict(x=X, subject=SUBJECT % 2), "3 persons, to keep one for validation. Received: 2"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, arrays, words):
    np.savez(tmp_path / "some.npz", **arrays)
    with pytest.raises(ValueError, match=words) as error:
        orl_faces(tmp_path / "some.npz")
    assert str(tmp_path / "some.npz") in str(error.value)


FACE = X[0]


def tiff():
    file = io.BytesIO()
    Image.fromarray(FACE).save(file, "TIFF")
    return file.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"s1/2.pgm": b""}, "s1/2.pgm is not a complete PGM file"),
        ({"s1/2.pgm": b"<html>404</html>"}, "s1/2.pgm is not a complete PGM file"),
        ({"s1/2.pgm": pgm(FACE)[:-1]}, "s1/2.pgm is not a complete PGM file"),
        ({"s1/2.pgm": b"P5\n60000 60000\n255\n"}, "s1/2.pgm is not a complete PGM file: Image size"),
        ({"s1/2.pgm": tiff()}, "s1/2.pgm is not a complete PGM file"),
        ({"s1/2.pgm": pgm(FACE.T)}, "s1/2.pgm needs 92 x 112 grey pixels. Received: 112 x 92 pixels, mode L"),
        ({"s1/2.pgm": b"P6\n92 112\n255\n" + bytes(3 * 92 * 112)}, "mode RGB"),
        ({"s1/2.pgm": bytes(70_000)}, "s1/2.pgm has 70,000 bytes, too many"),
        ({"copy/s1/1.pgm": pgm(FACE)}, "contains a portrait twice: 7 files, 6 portraits"),
        ({"s01/1.pgm": pgm(FACE)}, "contains a portrait twice"),
    ],
)
def test_portraits_that_do_not_fit_are_named(tmp_path, change, words):
    files = {f"s{person}/{number}.pgm": pgm(FACE) for person in (1, 2, 3) for number in (1, 2)} | change
    for path in (zip_file(tmp_path / "faces.zip", files), write_folder(tmp_path / "faces", files)):
        with pytest.raises(ValueError, match=words) as error:
            orl_faces(path)
        assert str(path) in str(error.value)


def test_what_holds_no_portraits_is_named(tmp_path, stored):
    whole = stored["zip"].read_bytes()
    path = tmp_path / "broken.zip"
    for content in (b"", b"<html>404</html>", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"broken\.zip is not a complete zip archive"):
            orl_faces(path)
    ramp = np.tile(np.arange(92, dtype="uint8"), (112, 1))  # compressed, which noise is not
    whole = zip_file(path, {f"s1/{number}.pgm": pgm(ramp) for number in range(1, 4)}).read_bytes()
    first = entries(path)[0]
    begin = len(first.FileHeader())
    for place in range(begin, begin + first.compress_size - 3, 5):
        path.write_bytes(whole[:place] + b"\xff\xff\xff" + whole[place + 3 :])
        with pytest.raises(ValueError, match=r"broken\.zip is not a complete zip archive"):
            orl_faces(path)
    with pytest.raises(ValueError, match=r"other.zip needs portraits s1/1.pgm"):
        orl_faces(zip_file(tmp_path / "other.zip", {"faces/1.pgm": pgm(FACE), "s1/readme": b""}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="folders s1, s2, .* Received: an empty folder"):
        orl_faces(tmp_path / "empty")
    with pytest.raises(ValueError, match="Received: 1.pgm, 2.pgm, 3.pgm"):  # one person's folder
        orl_faces(stored["inner folder"] / "s1")


def test_a_missing_file_names_set_place_and_remedy(tmp_path):
    for source in (tmp_path / "none.zip", "ofical"):
        with pytest.raises(MissingDataset, match='ORL, .* is not at .*"official" or "imported"') as error:
            orl_faces(source)
        assert str(source) in str(error.value)


@pytest.mark.skipif(
    not (data_folder() / "orl_faces/att_faces.zip").exists(),
    reason="needs orl_faces/att_faces.zip in BLOGKIT_DATA",
)
def test_the_official_set_as_it_is_published():
    found = orl_faces()
    assert len(found.x_train) == 320 and len(found.x_valid) == 80
