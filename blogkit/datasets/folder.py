"""Where full data sets are kept, and what is said when one is not there."""

import os
from pathlib import Path

DATA_VARIABLE = "BLOGKIT_DATA"


class MissingDataset(FileNotFoundError):
    """A data set is not in its place; the text says how it gets there."""

    def __init__(self, name: str, path: Path, remedy: str):
        super().__init__(f"{name} is not at {path}. {remedy}")
        self.name, self.path = name, path


def data_folder() -> Path:
    """The folder of full data sets: `$BLOGKIT_DATA`, else the platform's cache folder.

    Example:

    >>> data_folder().is_absolute()
    True
    """
    import platformdirs  # part of the `notebooks` extra; readers given a path do without

    chosen = os.environ.get(DATA_VARIABLE)
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("blogkit", appauthor=False)
    return folder.expanduser().resolve()
