"""Folder of the full data sets, and the error for a missing one."""

import os
from pathlib import Path

DATA_VARIABLE = "BLOGKIT_DATA"


class MissingDataset(FileNotFoundError):
    """Raised when a data set is missing; the message says how to get it."""

    def __init__(self, name: str, path: Path, remedy: str):
        super().__init__(f"{name} is not at {path}. {remedy}")
        self.name, self.path, self.remedy = name, path, remedy

    def __reduce__(self):  # keeps its attributes when a worker process pickles it
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
