"""A progress bar over rows, of the kind that pooch shows for bytes."""

import contextlib

from tqdm import tqdm


@contextlib.contextmanager
def progress(transfer, total, done, what):
    """Function to call with the number of further rows; nothing is shown where pooch's bar is not."""
    with tqdm(total=total, initial=done, unit=f" {what}", ncols=79, disable=not transfer.progress) as bar:
        yield bar.update
