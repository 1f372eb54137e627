"""Catalogue of the full data sets: their files, checksums and terms, read from `catalogue.toml`."""

import dataclasses
import difflib
import functools
import tomllib
from importlib import resources
from pathlib import Path

from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.folder import MissingDataset, data_folder
from blogkit.files_read import matches, note

OFFICIAL, IMPORTED = "official", "imported"


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a data set; `catalogue.toml` explains the fields."""

    name: str
    urls: tuple[str, ...] = ()
    size: int | None = None
    sha256: str = ""
    md5: str = ""
    git_blob: str = ""
    confirmed: str = ""
    lines: int | None = None
    package: str = ""
    members: tuple[str, ...] = ()
    unpack: str = ""
    unpacked_size: int = 0
    optional: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person must put the file into the folder."""
        return not (self.urls or self.package)

    @property
    def checksums(self) -> dict[str, str]:
        """Published checksums by kind, the strongest first."""
        kinds = {"sha256": self.sha256, "git_blob": self.git_blob, "md5": self.md5}
        return {kind: value for kind, value in kinds.items() if value}


@dataclasses.dataclass(frozen=True)
class DataSet:
    """One data set; `catalogue.toml` explains the fields."""

    name: str
    title: str
    rows: str
    format: str
    purpose: str
    notebooks: tuple[str, ...]
    licence: str
    home: str
    files: tuple[File, ...]
    profiles: tuple[str, ...] = ()
    reader: str = ""
    consent: str = ""
    steps: str = ""
    conversion: str = ""
    converted_size: int = 0

    @property
    def folder(self) -> Path:
        """Folder of the set inside the data folder."""
        return data_folder() / self.name

    @property
    def by_hand(self) -> bool:
        """Whether a person must put some of the files into the folder."""
        return any(file.by_hand for file in self.files)

    @property
    def whole(self) -> bool:
        """Whether all required files exist; `verify` also checks their contents."""
        return all(note(self.path(file)).is_file() for file in self.files if not file.optional)

    @property
    def access(self) -> str:
        """How the set is obtained: by hand, from a package, or fetched."""
        if self.by_hand:
            return "by hand"
        return "package" if self.files[0].package else "fetched"

    def path(self, file: File | str) -> Path:
        """Path of a file of the set."""
        return self.folder / getattr(file, "name", file)


@functools.cache
def catalogue() -> dict[str, DataSet]:
    """All data sets by name.

    Example:

    >>> catalogue()["celeba"].access
    'by hand'
    """
    text = resources.files("blogkit.datasets").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return {name: _data_set(name, entry) for name, entry in tomllib.loads(text).items()}


def _data_set(name, entry):
    files = tuple(File(**{key: _frozen(value) for key, value in file.items()}) for file in entry.pop("files"))
    return DataSet(name=name, files=files, **{key: _frozen(value) for key, value in entry.items()})


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value


def data_set(name: str) -> DataSet:
    """Look up a data set by name.

    Raises:
        ValueError: If the name is unknown; suggests the closest names.

    Example:

    >>> data_set("cifar-10")
    Traceback (most recent call last):
    ValueError: There is no data set 'cifar-10'. The closest name: cifar10.
    """
    if name in (sets := catalogue()):
        return sets[name]
    near = difflib.get_close_matches(name.lower(), sets, n=3, cutoff=0.5)
    what = (
        f"The closest name{'s' * (len(near) > 1)}: {', '.join(near)}."
        if near
        else f"There are: {', '.join(sets)}."
    )
    raise ValueError(f"There is no data set {name!r}. {what}")


def how_to_get(name: str) -> str:
    """The sentence that a reader's error and `python -m data_download get` both say."""
    entry = data_set(name)
    names = ", ".join(file.name for file in entry.files)
    if entry.by_hand:
        return (
            f"Get {names} by hand from {entry.home} and put {'it' if len(entry.files) == 1 else 'them'} "
            f"into {entry.folder}. From a clone of blogkit, this then checks "
            f"{'and converts ' * bool(entry.conversion)}it: python -m data_download get {name}"
        )
    consent = " --accept-terms" if entry.consent else ""
    return (
        f"From a clone of blogkit on a machine with internet, this puts it into {entry.folder}: "
        f"python -m data_download get {name}{consent}"
    )


def missing(name: str, path: Path | None = None) -> MissingDataset:
    """Error for a data set, or one of its files, that is missing.

    Example:

    >>> print(missing("cifar10", Path("/data/cifar10/cifar-10-python.tar.gz")))  # doctest: +ELLIPSIS
    CIFAR-10 is not at /data/...gz. From a clone of blogkit ...: python -m data_download get cifar10
    """
    entry = data_set(name)
    return MissingDataset(entry.title, entry.folder if path is None else path, how_to_get(name))


def official_file(name: str, file_name: str) -> Path:
    """Path of a file of the official set, after checking its checksum.

    Raises:
        MissingDataset: If the file is missing.
        ValueError: If its checksum differs.
    """
    entry = data_set(name)
    (file,) = (file for file in entry.files if file.name == file_name)
    path = note(entry.path(file))
    if not path.is_file():
        raise missing(name, path)
    if fault := checksum_fault(file, path):
        raise ValueError(f"{path} is not the official {file.name}: {fault}. Move it away. {how_to_get(name)}")
    return path


def is_official(name: str, path: Path) -> bool:
    """Whether the checksum of `path` is that of a file of the official set, under any name."""
    return any(file.checksums and not checksum_fault(file, note(path)) for file in data_set(name).files)


def chosen(name: str, source: str | Path) -> str | Path:
    """`source`, but `"official"` for `"imported"` if only official files were imported.

    `import` puts official files into their official place, so both words must find them.
    """
    entry = data_set(name)
    if source != IMPORTED or note(entry.folder / IMPORTED).exists():
        return source
    return OFFICIAL if entry.whole else source


def source_path(name: str, source: str | Path, words: tuple[str, ...] = ()) -> Path:
    """File or folder that a reader's `source` stands for: a path, or `"imported"`.

    Args:
        name: Name of the data set.
        source: Argument given by the user.
        words: Further words that the reader accepts, for the error message.

    Raises:
        MissingDataset: If the file or folder does not exist.
    """
    imported = source == IMPORTED
    path = note(data_set(name).folder / IMPORTED if imported else Path(source).expanduser())
    if path.exists():
        return path
    if imported:
        command = f"python -m data_download import {name} PATH"
        remedy = f"From a clone of blogkit, this puts your own files there: {command}"
    else:
        choices = " or ".join(f'"{word}"' for word in (*words, OFFICIAL, IMPORTED))
        remedy = f"Give a path that exists, or {choices}. {how_to_get(name)}"
    raise MissingDataset(data_set(name).title, path, remedy)


def only_file(name: str, path: Path, pattern: str) -> Path:
    """`path`, or the only file that matches `pattern` if `path` is a folder.

    Raises:
        ValueError: If no file or several files match.
    """
    if not path.is_dir():
        return path
    found = matches(path, pattern)
    if len(found) == 1:
        return found[0]
    raise ValueError(
        f"{path} needs one file {pattern} of {data_set(name).title}. "
        f"Received: {', '.join(file.name for file in found) or 'none'}."
    )


def checksum_fault(file: File, path: Path) -> str:
    """Why `path` is not `file`, by size and strongest checksum; empty if nothing known differs."""
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        return f"{size:,} bytes, expected {file.size:,}; sha256 {file_checksum(path)}"
    for kind, expected in file.checksums.items():
        found = file_checksum(path, kind)
        return "" if found == expected else f"{kind} {found}, expected {expected}"
    return ""
