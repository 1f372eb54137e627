"""The error for those who have no SciPy: it names the extra that brings it."""

import contextlib


@contextlib.contextmanager
def needs_scipy(what):
    """For an import of SciPy where it is used: `with needs_scipy("flow"): import scipy`."""
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f"`{what}` needs SciPy, which the extra `notebooks` brings: "
            'python -m pip install ".[notebooks]" in a clone of blogkit, or pip install scipy.'
        ) from error
