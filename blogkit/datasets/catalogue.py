"""What is known of every full data set, out of `catalogue.toml`, and how a missing one is got."""

import dataclasses
import difflib
import functools
import tomllib
from importlib import resources
from pathlib import Path

from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.folder import MissingDataset, data_folder

OFFICIAL, IMPORTED = "official", "imported"


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a set; `catalogue.toml` says what the fields mean."""

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
        return not (self.urls or self.package)

    @property
    def checksums(self) -> dict[str, str]:
        """Published checksums by kind, the strongest first."""
        kinds = {"sha256": self.sha256, "git_blob": self.git_blob, "md5": self.md5}
        return {kind: value for kind, value in kinds.items() if value}


@dataclasses.dataclass(frozen=True)
class DataSet:
    """One set; `catalogue.toml` says what the fields mean."""

    name: str
    title: str
    rows: str
    format: str
    purpose: str
    notebooks: tuple[str, ...]
    licence: str
    home: str
    files: tuple[File, ...]
    reader: str = ""
    consent: str = ""
    steps: str = ""
    conversion: str = ""
    converted_size: int = 0

    @property
    def folder(self) -> Path:
        return data_folder() / self.name

    @property
    def by_hand(self) -> bool:
        return any(file.by_hand for file in self.files)

    @property
    def whole(self) -> bool:
        """Whether all the files that it needs are in their place; `verify` looks into them."""
        return all(self.path(file).is_file() for file in self.files if not file.optional)

    @property
    def access(self) -> str:
        """How it is got, in one or two words."""
        if self.by_hand:
            return "by hand"
        return "package" if self.files[0].package else "fetched"

    def path(self, file: File | str) -> Path:
        return self.folder / getattr(file, "name", file)


@functools.cache
def catalogue() -> dict[str, DataSet]:
    """Every data set by name.

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
    """The set of that name.

    Raises:
        ValueError: If there is none; names the nearest ones.

    Example:

    >>> data_set("cifar-10")
    Traceback (most recent call last):
    ValueError: There is no data set 'cifar-10'. The nearest name: cifar10.
    """
    if name in (sets := catalogue()):
        return sets[name]
    near = difflib.get_close_matches(name.lower(), sets, n=3, cutoff=0.5)
    what = (
        f"The nearest name{'s' * (len(near) > 1)}: {', '.join(near)}."
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
    """The error of a set, or of one file of it, that is not in its place.

    Example:

    >>> print(missing("cifar10", Path("/data/cifar10/cifar-10-python.tar.gz")))  # doctest: +ELLIPSIS
    CIFAR-10 is not at /data/...gz. From a clone of blogkit ...: python -m data_download get cifar10
    """
    entry = data_set(name)
    return MissingDataset(entry.title, entry.folder if path is None else path, how_to_get(name))


def official_file(name: str, file_name: str) -> Path:
    """Path of a file of the official set, checked.

    Raises:
        MissingDataset: If it is not there.
        ValueError: If it has another checksum.
    """
    entry = data_set(name)
    (file,) = (file for file in entry.files if file.name == file_name)
    path = entry.path(file)
    if not path.is_file():
        raise missing(name, path)
    if fault := checksum_fault(file, path):
        raise ValueError(f"{path} is not the official {file.name}: {fault}. Move it away. {how_to_get(name)}")
    return path


def is_official(name: str, path: Path) -> bool:
    """Whether `path` is a file of the official set, by its checksum and whatever it is called."""
    return any(file.checksums and not checksum_fault(file, path) for file in data_set(name).files)


def chosen(name: str, source):
    """`source`, or `"official"` where it is `"imported"` and import met the official files only.

    These lie in their official place then: whoever imported them finds them by either word.
    """
    entry = data_set(name)
    if source != IMPORTED or (entry.folder / IMPORTED).exists():
        return source
    return OFFICIAL if entry.whole else source


def source_path(name: str, source, words=()) -> Path:
    """The file or folder that a reader's `source` means: a path, or `"imported"`.

    Args:
        name: The set.
        source: What the user gave.
        words: Further words that the reader takes, for the error.

    Raises:
        MissingDataset: If nothing is there.
    """
    imported = source == IMPORTED
    path = data_set(name).folder / IMPORTED if imported else Path(source).expanduser()
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
    """`path`, or the one file of that pattern if it is a folder.

    Raises:
        ValueError: If there are none or several.
    """
    if not path.is_dir():
        return path
    found = sorted(path.glob(pattern))
    if len(found) == 1:
        return found[0]
    raise ValueError(
        f"{path} needs one file {pattern} of {data_set(name).title}. "
        f"Received: {', '.join(file.name for file in found) or 'none'}."
    )


def checksum_fault(file: File, path: Path) -> str:
    """Why `path` is not that file, by size and the strongest checksum; empty if it is or none is known."""
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        return f"{size:,} bytes, expected {file.size:,}; sha256 {file_checksum(path)}"
    for kind, expected in file.checksums.items():
        found = file_checksum(path, kind)
        return "" if found == expected else f"{kind} {found}, expected {expected}"
    return ""
