"""Folder of the full data sets, and the error for a missing one."""

import os
from pathlib import Path

from blogkit.extras import import_extra
from blogkit.files_read import set_root

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

    Raises:
        ModuleNotFoundError: If the variable is not set and platformdirs, of the extra `data`, is missing.

    Example:

    >>> data_folder().is_absolute()
    True
    """
    if chosen := os.environ.get(DATA_VARIABLE):
        return set_root(DATA_VARIABLE, Path(chosen).expanduser().resolve())
    otherwise = f"Or set {DATA_VARIABLE} to a folder."
    platformdirs = import_extra("platformdirs", needed_by="data_folder", otherwise=otherwise)
    return set_root(DATA_VARIABLE, platformdirs.user_cache_path("blogkit", appauthor=False).resolve())
