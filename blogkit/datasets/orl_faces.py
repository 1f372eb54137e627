"""ORL, the Database of Faces: 400 grey portraits of 40 persons (Samaria, Harter, 1994)."""

import io
import re
import zipfile
import zlib

import numpy as np

from blogkit.datasets.archives import load_npz
from blogkit.datasets.catalogue import OFFICIAL, chosen, official_file, source_path
from blogkit.datasets.images import SPLIT_SEED, VALIDATION_FRACTION, Images
from blogkit.extras import import_extra

ARCHIVE = "att_faces.zip"
SHAPE = (112, 92)  # height, width
PERSONS, PORTRAITS = 40, 10  # of the official set
_FILE = re.compile(r"(?:^|/)s(\d+)/(\d+)\.pgm$")
_LARGEST = 1 << 16  # bytes that a file of one portrait may have; the official ones have 10,318


class Portraits(Images):
    """`Images` of faces: grey uint8 `(rows, 112, 92)`, labels are persons' numbers.

    No person has rows in both parts.
    """


def orl_faces(source="official") -> Portraits:
    """Read the ORL faces, split by person 4 : 1 with a fixed seed.

    A person's ten portraits are much alike: a split by row would measure on faces that were
    trained on.

    Args:
        source: `"official"`: `att_faces.zip` in the data folder, put there by hand. No checksum of
            it is published: it has to hold 400 faces, ten of each of 40 persons. `"imported"`:
            what `python -m data_download import orl_faces` put there. Else a path: such a zip
            archive or an unpacked folder, with `s1/1.pgm` and so on somewhere in it, or an `.npz`
            of `x`, uint8 `(rows, 112, 92)`, and `subject`, whole numbers `(rows,)`; or a folder
            that holds one of these. (Cambridge's `.tar.Z` is for `tar` to unpack.)

    Raises:
        MissingDataset: If there is no such file; says where to get it.
        ValueError: If the file is not what it should be.

    Example:

    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "some.npz"
    >>> np.savez(path, x=np.zeros((50, 112, 92), "uint8"), subject=np.repeat(np.arange(5), 10))
    >>> faces = orl_faces(path)
    >>> faces.x_train.shape, faces.x_valid.shape, faces.name
    ((40, 112, 92), (10, 112, 92), 'ORL format, some.npz, 50 faces of 5 persons')
    """
    source = chosen("orl_faces", source)
    official = source == OFFICIAL
    path = official_file("orl_faces", ARCHIVE) if official else source_path("orl_faces", source)
    path = _inside(path)
    faces, persons = official_faces(path) if official else read_faces(path)
    known = np.unique(persons)
    if len(known) < 3:
        raise ValueError(
            f"{path}: a split needs 3 persons, to keep one for validation. Received: {len(known)}."
        )
    rng = np.random.default_rng(SPLIT_SEED)
    held = rng.permutation(known)[: round(VALIDATION_FRACTION * len(known))]
    order = rng.permutation(len(faces))
    valid = np.isin(persons[order], held)
    name = "ORL faces" if official else f"ORL format, {path.name}, {len(faces)} faces of {len(known)} persons"
    parts = [part for rows in (order[~valid], order[valid]) for part in (faces[rows], persons[rows])]
    return Portraits(*parts, name=name, stand_in=not official)


def official_faces(path):
    """What `read_faces` gives of the official archive.

    Raises:
        ValueError: If it holds other than ten faces of each of 40 persons.
    """
    faces, persons = read_faces(path)
    known, counts = np.unique(persons, return_counts=True)
    if known.tolist() != list(range(1, PERSONS + 1)) or (counts != PORTRAITS).any():
        raise ValueError(
            f"{path} is not the official {ARCHIVE}: it needs {PORTRAITS} faces of each of the persons "
            f"1 to {PERSONS}. "
            f"Received: {len(faces)} faces of {len(known)} persons."
        )
    return faces, persons


def _inside(path):
    """`path`, or the one archive in it if it is a folder without portraits of its own."""
    if not path.is_dir() or _portraits(path):
        return path
    found = sorted(file for file in path.iterdir() if file.suffix in (".npz", ".zip"))
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(file.name for file in path.iterdir())[:5]) or "an empty folder"
    raise ValueError(
        f"{path} needs the folders s1, s2, ... of portraits 1.pgm, 2.pgm, ..., or one .zip or .npz of them. "
        f"Received: {names}."
    )


def _portraits(folder):
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.pgm")}
    return {name: file for name, file in files.items() if _FILE.search(name) and file.is_file()}


def read_faces(path):
    """Faces uint8 `(rows, 112, 92)` and persons int64 `(rows,)` of a folder, a zip archive or an `.npz`.

    Raises:
        ValueError: If it holds none, or something that does not fit.
    """
    if path.is_dir():
        return _decoded(
            path, {name: (f.stat().st_size, f.read_bytes) for name, f in _portraits(path).items()}
        )
    if path.suffix == ".npz":
        return _arrays(path)
    try:
        with zipfile.ZipFile(path) as archive:
            files = {e.filename: (e.file_size, lambda e=e: archive.read(e)) for e in archive.infolist()}
            return _decoded(path, files)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path} is not a whole zip archive: {error}") from error


def _arrays(path):
    arrays = load_npz(path)
    if not {"x", "subject"} <= set(arrays):
        raise ValueError(
            f"{path} needs the arrays x and subject. Received: {', '.join(sorted(arrays)) or 'none'}."
        )
    faces, persons = arrays["x"], arrays["subject"]
    fits = faces.shape[1:] == SHAPE and faces.dtype == np.uint8 and len(faces)
    if not fits or persons.shape != faces.shape[:1] or persons.dtype.kind not in "iu":
        raise ValueError(
            f"{path} needs uint8 faces (rows, {SHAPE[0]}, {SHAPE[1]}), one or more, with one whole "
            "number a row. "
            f"Received: x {faces.dtype} {faces.shape}, subject {persons.dtype} {persons.shape}."
        )
    return faces, persons.astype(np.int64)


def _decoded(path, files):
    """The portraits among files `{name: (bytes, function that reads them)}`, by person and number."""
    named = {name: tuple(map(int, match.groups())) for name in files if (match := _FILE.search(name))}
    if not named:
        raise ValueError(f"{path} holds no portrait s1/1.pgm, s1/2.pgm, ...")
    if len(set(named.values())) < len(named):
        raise ValueError(
            f"{path} holds a portrait twice: {len(named)} files, {len(set(named.values()))} portraits."
        )
    order = sorted(named, key=named.get)
    faces = np.empty((len(order), *SHAPE), np.uint8)
    for row, name in enumerate(order):
        size, read = files[name]
        if size > _LARGEST:  # before it is unpacked
            raise ValueError(f"{path}: {name} has {size:,} bytes, more than a portrait of 92 x 112.")
        faces[row] = _portrait(read(), f"{path}: {name}")
    return faces, np.array([named[name][0] for name in order], np.int64)


def _portrait(data, where):
    Image = import_extra("PIL.Image", needed_by="orl_faces")
    try:
        with Image.open(io.BytesIO(data), formats=["PPM"]) as image:
            if image.size == SHAPE[::-1] and image.mode == "L":
                return np.asarray(image)
            found = f"{image.size[0]} x {image.size[1]} pixels, mode {image.mode}"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{where} is not a whole PGM file: {error}") from error
    raise ValueError(f"{where} needs 92 x 112 grey pixels. Received: {found}.")
