"""ORL Database of Faces: 400 grey portraits of 40 persons (Samaria, Harter, 1994)."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np

from blogkit.datasets.archives import load_npz
from blogkit.datasets.catalogue import OFFICIAL, chosen, official_file, source_path
from blogkit.datasets.compressed import members
from blogkit.datasets.image_file import open_image
from blogkit.datasets.images import SPLIT_SEED, VALIDATION_FRACTION, Images
from blogkit.datasets.reading import reader, reading
from blogkit.extras import import_extra
from blogkit.files_read import matches, note

ARCHIVE = "att_faces.zip"
SHAPE = (112, 92)  # height, width
PERSONS, PORTRAITS = 40, 10  # of the official set
_FILE = re.compile(r"(?:^|/)s(\d+)/(\d+)\.pgm$")
_LARGEST = 1 << 16  # most bytes of a portrait file; the official files have 10,318


class Portraits(Images):
    """`Images` of faces: grey uint8 `(rows, 112, 92)`, labels are the numbers of persons.

    No person occurs in both parts.
    """


@reader
def orl_faces(source: str | Path = "official") -> Portraits:
    """Read the ORL faces, split by person 4 : 1 with a fixed seed.

    The ten portraits of a person are similar, so a split by row would leak training faces into
    validation.

    Args:
        source: `"official"`: `att_faces.zip` in the data folder, put there by hand. No checksum is
            published; the archive must hold 400 faces, ten of each of 40 persons. `"imported"`:
            the files copied there by `python -m data_download import orl_faces`. Otherwise a path:
            such a zip archive or an unpacked folder that contains `s1/1.pgm` and so on, an `.npz`
            of `x`, uint8 `(rows, 112, 92)`, and `subject`, integers `(rows,)`, or a folder with
            one of these. (Unpack Cambridge's `.tar.Z` with `tar` first.)

    Raises:
        MissingDataset: If the file is missing; says where to get it.
        ValueError: If the file does not have the expected contents.

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
            f"{path}: a split needs at least 3 persons, to keep one for validation. Received: {len(known)}."
        )
    rng = np.random.default_rng(SPLIT_SEED)
    held = rng.permutation(known)[: round(VALIDATION_FRACTION * len(known))]
    order = rng.permutation(len(faces))
    valid = np.isin(persons[order], held)
    name = "ORL faces" if official else f"ORL format, {path.name}, {len(faces)} faces of {len(known)} persons"
    parts = [part for rows in (order[~valid], order[valid]) for part in (faces[rows], persons[rows])]
    return Portraits(*parts, name=name, stand_in=not official)


def official_faces(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the official archive as `read_faces` does, and check its contents.

    Raises:
        ValueError: Unless it holds ten faces of each of 40 persons.
    """
    faces, persons = read_faces(path)
    known, counts = np.unique(persons, return_counts=True)
    if known.tolist() != list(range(1, PERSONS + 1)) or (counts != PORTRAITS).any():
        raise ValueError(
            f"{path} is not the official {ARCHIVE}: it must hold {PORTRAITS} faces of each of the persons "
            f"1 to {PERSONS}. Received: {len(faces)} faces of {len(known)} persons."
        )
    return faces, persons


def _inside(path):
    """`path`, or the only archive in it if it is a folder without portraits."""
    if not path.is_dir() or _portraits(path):
        return path
    found = [file for file in matches(path) if file.suffix in (".npz", ".zip")]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(file.name for file in path.iterdir())[:5]) or "an empty folder"
    raise ValueError(
        f"{path} needs folders s1, s2, ... with portraits 1.pgm, 2.pgm, ..., or one .zip or .npz of them. "
        f"Received: {names}."
    )


def _portraits(folder):
    files = {file.relative_to(folder).as_posix(): file for file in matches(folder, "**/*.pgm")}
    return {name: file for name, file in files.items() if _FILE.search(name) and file.is_file()}


def read_faces(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read faces uint8 `(rows, 112, 92)` and persons int64 `(rows,)` from a folder, zip archive or `.npz`.

    Raises:
        ValueError: If there are no faces, or a file is malformed.
    """
    if path.is_dir():
        files = {name: (f.stat().st_size, note(f).read_bytes) for name, f in _portraits(path).items()}
        with reading(path, "a folder of portraits"):
            return _decoded(path, files)
    if path.suffix == ".npz":
        return _arrays(path)
    with reading(path, "a complete zip archive"), zipfile.ZipFile(note(path)) as archive:
        files = {e.filename: (e.file_size, lambda e=e: archive.read(e)) for e in members(archive)}
        return _decoded(path, files)


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
            f"{path} needs uint8 faces (rows, {SHAPE[0]}, {SHAPE[1]}), at least one, and an integer per row. "
            f"Received: x {faces.dtype} {faces.shape}, subject {persons.dtype} {persons.shape}."
        )
    return faces, persons.astype(np.int64)


def _decoded(path, files):
    """Portraits among files `{name: (size in bytes, function that reads them)}`, by person and number."""
    named = {name: tuple(map(int, match.groups())) for name in files if (match := _FILE.search(name))}
    if not named:
        raise ValueError(f"{path} needs portraits s1/1.pgm, s1/2.pgm, ... Received: none.")
    if len(set(named.values())) < len(named):
        raise ValueError(
            f"{path} contains a portrait twice: {len(named)} files, {len(set(named.values()))} portraits."
        )
    order = sorted(named, key=named.get)
    faces = np.empty((len(order), *SHAPE), np.uint8)
    for row, name in enumerate(order):
        size, read = files[name]
        if size > _LARGEST:  # before it is unpacked
            raise ValueError(f"{path}: {name} has {size:,} bytes, too many for a portrait of 92 x 112.")
        faces[row] = _portrait(read(), f"{path}: {name}")
    return faces, np.array([named[name][0] for name in order], np.int64)


def _portrait(data, where):
    Image = import_extra("PIL.Image", needed_by="orl_faces")
    with reading(where, "a complete PGM file"), open_image(Image, io.BytesIO(data), "PPM") as image:
        if image.size == SHAPE[::-1] and image.mode == "L":
            return np.asarray(image)
        found = f"{image.size[0]} x {image.size[1]} pixels, mode {image.mode}"
    raise ValueError(f"{where} needs 92 x 112 grey pixels. Received: {found}.")
