"""The one boundary of a reader: what a parser raises becomes a `ValueError` of one line that names the file.

Lists of known exceptions miss the next kind: an encrypted member raises RuntimeError, an unknown
compression NotImplementedError, an integer of 5,000 digits a bare ValueError.
"""

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from blogkit.datasets.folder import MissingDataset

LONGEST_MESSAGE = 1000  # characters; a message may quote a row of any length
# OSErrors of a parser that damage has led astray have one of these; others concern access to the file.
_DAMAGE = (None, errno.EINVAL, errno.EOVERFLOW)


@contextlib.contextmanager
def reading(where: str | Path, what: str) -> Iterator[None]:
    """Raise every error of the block as a `ValueError` of one line: `where` is not `what`, and the reason.

    A `ValueError` that names `where` already keeps its text, up to `LONGEST_MESSAGE`. `MissingDataset`,
    a package that is not installed, and errors of access (permission denied, is a directory) pass.

    Args:
        where: Path of the file, with the line if there is one.
        what: What the file should be, with its article.

    Raises:
        ValueError: For any other error of the block.

    Example:

    >>> with reading("rows.jsonl, line 3", "JSON"):
    ...     [][0]
    Traceback (most recent call last):
    ValueError: rows.jsonl, line 3 is not JSON: IndexError: list index out of range
    """
    try:
        yield
    except Exception as error:
        ours = type(error) is ValueError and str(where) in str(error)
        _raise(error, str(error) if ours else f"{where} is not {what}: {reason(error)}")


def reader(function: Callable) -> Callable:
    """Decorator of a public reader, whose first argument is `source`: only documented errors leave it.

    `""` is refused, because as a path it is the working folder, and a path that is not UTF-8.
    """

    @functools.wraps(function)
    def read(*args, **options):
        source = args[0] if args else options.get("source", "its default source")
        if source == "" or not isinstance(source, (str, os.PathLike)) or not _is_utf8(source):
            raise ValueError(
                "`source` must be a word or a path in UTF-8 ('.' is the working folder). "
                f"Received: source={source!r}."
            )
        try:
            return function(*args, **options)
        except Exception as error:
            ours = type(error) is ValueError
            text = f"{source}: `{read.__name__}` cannot read it: {reason(error)}"
            _raise(error, str(error) if ours else text)

    read.is_reader = True
    return read


def _is_utf8(source):
    """Whether results can name the path: one in another encoding has lone surrogates."""
    try:
        os.fspath(source).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_about_access(error: Exception) -> bool:
    """Whether an error concerns access to a file (permission denied), rather than its content.

    >>> is_about_access(IsADirectoryError(errno.EISDIR, "")), is_about_access(OSError("truncated"))
    (True, False)
    """
    return isinstance(error, OSError) and error.errno not in _DAMAGE


def _raise(error, text):
    """Raise the error itself if it is documented and readable, else a `ValueError` with the text."""
    if isinstance(error, (MissingDataset, ModuleNotFoundError)) or is_about_access(error):
        raise error
    text = one_line(text)
    if type(error) is ValueError and str(error) == text:
        raise error
    raise ValueError(text) from error


def one_line(text: str, longest: int = LONGEST_MESSAGE) -> str:
    r"""A message without line breaks and lone surrogates, its middle left out if it is too long.

    >>> one_line("a\nb \ud800"), one_line("x" * 90, longest=20)
    ('a b \\ud800', 'xxxxxxxxxx ... xxxxx')
    """
    text = " ".join(text.splitlines()).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= longest else f"{text[: longest // 2]} ... {text[-longest // 4 :]}"


def reason(error: Exception) -> str:
    """What an error says, with the name of its type where the text alone says little.

    >>> reason(KeyError("data")), reason(ValueError("too short")), reason(MemoryError())
    ("KeyError: 'data'", 'too short', 'it asks for more memory than there is')
    """
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    text = str(error).strip()
    vague = not text or isinstance(error, (LookupError, TypeError, AttributeError, AssertionError))
    return f"{type(error).__name__}{': ' * bool(text)}{text}" if vague else text
