"""Where full data sets are kept, and what is said when one is not there."""

import os
from pathlib import Path

DATA_VARIABLE = "BLOGKIT_DATA"


class MissingDataset(FileNotFoundError):
    """A data set is not in its place; the text says how it gets there."""

    def __init__(self, name: str, path: Path, remedy: str):
        super().__init__(f"{name} is not at {path}. {remedy}")
        self.name, self.path, self.remedy = name, path, remedy

    def __reduce__(self):  # so that it comes back from a worker process as it was
        return type(self), (self.name, self.path, self.remedy)


def data_folder() -> Path:
    """The folder of full data sets: `$BLOGKIT_DATA`, else the platform's cache folder.

    Example:

    >>> data_folder().is_absolute()
    True
    """
    if chosen := os.environ.get(DATA_VARIABLE):
        return Path(chosen).expanduser().resolve()
    import platformdirs  # part of the `notebooks` extra; a chosen folder does without

    return platformdirs.user_cache_path("blogkit", appauthor=False).resolve()
