"""Data sets of the data folder that go into a bundle, where their terms permit it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from blogkit.datasets.catalogue import IMPORTED, DataSet, checksum_fault, data_set, how_to_get
from blogkit.runner.project import UsageError

# Licences in catalogue.toml that permit passing copies on, for any purpose or with credit.
FREE = ("Apache 2.0", "CC BY", "MIT")


@dataclasses.dataclass(frozen=True)
class Chosen:
    """A data set that goes into a bundle: its entry in the catalogue, and its files."""

    entry: DataSet
    files: tuple[Path, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files)

    def members(self) -> Iterator[tuple[str, Path]]:
        """Pairs of the path inside a data folder and the file."""
        for path in self.files:
            yield f"{self.entry.name}/{path.relative_to(self.entry.folder).as_posix()}", path


def is_free(entry: DataSet) -> bool:
    """Whether a set's terms permit passing it on without a question.

    Example:

    >>> is_free(data_set("mnist")), is_free(data_set("celeba"))
    (True, False)
    """
    return entry.licence.startswith(FREE) and not entry.consent


def choose(names: list[str], accept_terms: bool = False) -> list[Chosen]:
    """The data sets of these names, from the data folder.

    Args:
        names: Names of the catalogue.
        accept_terms: Whether the user has accepted terms that do not permit passing a set on.

    Raises:
        UsageError: If a name is unknown, the set is not in the data folder, one of its files
            is damaged, or its terms must be accepted.
    """
    return [_choose(name, accept_terms) for name in dict.fromkeys(names)]


def _choose(name, accept_terms):
    try:
        entry = data_set(name)
    except ValueError as error:
        raise UsageError(f"{error} Names of notebooks go before --data.") from error
    if not (entry.whole or (entry.folder / IMPORTED).exists()):
        raise UsageError(f"{entry.title} is not in {entry.folder}. {how_to_get(name)}")
    for file in entry.files:
        path = entry.path(file)
        if path.is_file() and (fault := checksum_fault(file, path)):
            raise UsageError(f"{path} is not the official {file.name}: {fault}.")
    if not (accept_terms or is_free(entry)):
        raise UsageError(
            f"the terms of {name} may not permit passing it on: {entry.licence}. "
            "If you accept them, and the bundle stays with you, add --accept-terms."
        )
    return Chosen(entry, tuple(path for path in sorted(entry.folder.rglob("*")) if _is_finished(path, entry)))


def _is_finished(path, entry):
    """Whether `path` is a file that is not left of an unfinished download."""
    names = path.relative_to(entry.folder).parts
    left = any(name.startswith(".") or name.endswith(".partial") or ".bad-" in name for name in names)
    return path.is_file() and not left
