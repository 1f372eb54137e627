"""Import guard for SciPy: the error names the extra that installs it."""

import contextlib


@contextlib.contextmanager
def needs_scipy(what: str):
    """Wraps an import of SciPy in the function `what`: `with needs_scipy("flow"): import scipy`."""
    try:
        yield
    except ImportError as error:
        raise ImportError(
            f"`{what}` needs SciPy, which the extra `notebooks` brings: "
            'python -m pip install ".[notebooks]" in a clone of blogkit, or pip install scipy.'
        ) from error
