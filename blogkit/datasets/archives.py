"""Safe readers of untrusted NumPy files and pickles: plain arrays only, no code is run."""

import io
import pickle
from pathlib import Path

import numpy as np

from blogkit.datasets.compressed import members
from blogkit.datasets.reading import reading
from blogkit.files_read import note

# The only callables a pickle may name: those that Python 2 and 3 write for a NumPy array.
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_PLAIN = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def load_npz(path: Path) -> dict[str, np.ndarray]:
    """Arrays of an `.npz` file by name. Arrays of objects are refused, because they are pickles.

    Raises:
        ValueError: If the file is not such an archive.
    """
    what = "a NumPy .npz archive of plain arrays"
    with reading(path, what), np.lib.npyio.NpzFile(note(path), allow_pickle=False) as archive:
        members(archive.zip)
        return {key: np.asarray(archive[key]) for key in archive.files}


def load_npy(path: Path, mapped: bool = False) -> np.ndarray:
    """The array of an `.npy` file, memory-mapped for reading if `mapped`.

    Raises:
        ValueError: If the file is damaged, or holds an array of objects.
    """
    note(path)
    with reading(path, "a complete .npy file"):
        if mapped:
            return np.lib.format.open_memmap(path, mode="r")
        with open(path, "rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)


class _PlainUnpickler(pickle.Unpickler):
    """Unpickler that calls only the functions that build NumPy arrays."""

    def find_class(self, module, name):
        if (module, name) == ("_codecs", "encode"):  # bytes, as Python 3 writes them for Python 2
            return _encode_latin1
        try:
            return _PLAIN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it calls {module}.{name}") from None


def _encode_latin1(text, encoding="latin1"):
    if encoding not in ("latin1", b"latin1"):
        raise pickle.UnpicklingError(f"it encodes text as {encoding!r}")
    return text.encode("latin1")


def load_plain_pickle(data: bytes, where: str) -> object:
    """Contents of a pickle of dicts, lists, numbers, bytes and plain arrays; no code is run.

    Args:
        data: Bytes of the pickle. Strings of Python 2 become bytes.
        where: Name of the pickle in error messages.

    Raises:
        ValueError: If the pickle is damaged, or names any other function.

    Example:

    >>> load_plain_pickle(pickle.dumps({"labels": [3]}), "batch")
    {'labels': [3]}
    >>> load_plain_pickle(pickle.dumps(print), "batch")
    Traceback (most recent call last):
    ValueError: batch is not a pickle of plain arrays: it calls builtins.print
    """
    with reading(where, "a pickle of plain arrays"):
        return _PlainUnpickler(io.BytesIO(data), encoding="bytes").load()
