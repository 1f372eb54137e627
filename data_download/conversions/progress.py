"""A progress bar that counts rows, like pooch's bar for bytes."""

import contextlib
from collections.abc import Callable, Iterator

from tqdm import tqdm


@contextlib.contextmanager
def progress(transfer, total: int, done: int, what: str) -> Iterator[Callable]:
    """A function to call with the number of new rows; shows nothing if `transfer.progress` is False."""
    with tqdm(total=total, initial=done, unit=f" {what}", ncols=79, disable=not transfer.progress) as bar:
        yield bar.update
