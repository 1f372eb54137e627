"""Reads files that nobody has vouched for: plain arrays, never code."""

import io
import pickle

import numpy as np

# What Python 2 and 3 write for a NumPy array, and nothing else that can be called.
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_PLAIN = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def load_npz(path):
    """The arrays of an `.npz` file by name; an array of objects would need a pickle.

    Raises:
        ValueError: If it is no such archive.
    """
    try:
        with np.lib.npyio.NpzFile(path, allow_pickle=False) as archive:
            return {key: np.asarray(archive[key]) for key in archive.files}
    except Exception as error:  # a damaged archive raises almost anything, a tokenizer's errors included
        raise ValueError(f"{path} is not a NumPy .npz archive of plain arrays: {error}") from error


def load_npy(path, mapped=False):
    """The array of an `.npy` file, or that file mapped into memory to read.

    Raises:
        ValueError: If it is no such file, or an array of objects.
    """
    try:
        if mapped:
            return np.lib.format.open_memmap(path, mode="r")
        with open(path, "rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # a damaged head raises almost anything
        raise ValueError(f"{path} is not a whole .npy file: {error}") from error


class _PlainUnpickler(pickle.Unpickler):
    """A pickle may name any function to call; this one calls NumPy's array builders only."""

    def find_class(self, module, name):
        if (module, name) == ("_codecs", "encode"):  # bytes, as Python 3 writes them for Python 2
            return _encode_latin1
        try:
            return _PLAIN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it wants to call {module}.{name}") from None


def _encode_latin1(text, encoding="latin1"):
    if encoding not in ("latin1", b"latin1"):
        raise pickle.UnpicklingError(f"it wants to encode text as {encoding!r}")
    return text.encode("latin1")


def load_plain_pickle(data, where):
    """What a pickle of dicts, lists, numbers, bytes and plain arrays holds; no code runs.

    Args:
        data: The pickle's bytes. Strings of Python 2 come back as bytes.
        where: What errors call it.

    Raises:
        ValueError: If it is damaged, or asks for anything else.

    Example:

    >>> load_plain_pickle(pickle.dumps({"labels": [3]}), "batch")
    {'labels': [3]}
    >>> load_plain_pickle(pickle.dumps(print), "batch")
    Traceback (most recent call last):
    ValueError: batch is not a pickle of plain arrays: it wants to call builtins.print
    """
    try:
        return _PlainUnpickler(io.BytesIO(data), encoding="bytes").load()
    except Exception as error:  # a damaged pickle raises almost anything
        raise ValueError(f"{where} is not a pickle of plain arrays: {error}") from error
