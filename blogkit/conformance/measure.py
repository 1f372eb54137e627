"""The measurement: how far a side ends from the large batch, relative to the way moved."""

import contextlib
import difflib
import warnings
from dataclasses import dataclass

import keras
import numpy as np

from blogkit.conformance.cell import BOUNDS
from blogkit.conformance.cells import CELLS
from blogkit.conformance.run import Run
from blogkit.ops import float64_enabled


@dataclass(frozen=True)
class Row:
    """A measured cell. A distance is a number, the class of an error, or "-" for no such side."""

    cell: str
    backend: str
    dtype: str
    floor: float | str
    built_in: float | str
    ours: float | str
    bound: float
    verdict: str

    def __str__(self):
        distances = {"floor": self.floor, "built-in": self.built_in, "ours": self.ours}
        numbers = ", ".join(
            f"{name} {value if isinstance(value, str) else format(value, '.0e')}"
            for name, value in distances.items()
        )
        return f"{self.cell}: {numbers}, bound {self.bound:.0e}: {self.verdict}"


def measure(name, *, dtype=None, seed=0, extra_line=None):
    """Measures one cell on the current backend.

        d = max |w - w_large| / max |w_large - w_start|

    compares the weights of a side with those of the large batch. The floor is the d of
    the large batch itself with its rows in another order: what rounding alone does.

    Args:
        name: Name of a cell, one of `CELLS`.
        dtype: "float32" or "float64" instead of the cell's own, which is float64 where the
            situation and the backend permit it.
        seed: Of the initial weights and the data.
        extra_line: True or False: whether ours calls `accumulate_exactly(model)`, instead
            of what the cell says it needs.

    Returns:
        A `Row`. `verdict` is "exact" if ours is within the bound.

    Raises:
        ValueError: If there is no such cell, or it does not exist on this backend.
        RuntimeError: If nothing was measured: the large batch did not move, or the sides
            did not start with the same weights.

    Example:

    >>> from blogkit import conformance
    >>> conformance.measure("apply, ragged + partial").verdict
    'exact'
    """
    cell, dtype = _cell_and_dtype(name, dtype)
    reference = _train(cell, dtype, Run("large", seed))
    if extra_line is None:
        extra_line = cell.extra_line

    def compare(side, **options):
        try:
            ends = _train(cell, dtype, Run(side, seed, **options))
        except Exception as error:  # a crash is a result, and shown as one
            return type(error).__name__
        return _distance(reference, ends)

    floor = compare("large", reordered=True)
    built_in = compare("built-in") if cell.built_in else "-"
    ours = compare("ours", extra_line=extra_line)
    exact = not isinstance(ours, str) and ours <= BOUNDS[dtype]
    verdict = "exact" if exact else "not exact" if cell.exact else "not exact, as expected"
    backend = keras.backend.backend()
    return Row(name, backend, dtype, floor, built_in, ours, BOUNDS[dtype], verdict)


def bound(name):
    """What the d of ours must not exceed on this backend."""
    return BOUNDS[_cell_and_dtype(name, None)[1]]


def distance(name, side="ours", *, dtype=None, seed=0, extra_line=None):
    """The d of one side, "ours" or "built-in", of `measure`; raises what its training raises."""
    if side not in ("ours", "built-in"):
        raise ValueError(f"`side` must be 'ours' or 'built-in'. Received: side={side!r}.")
    cell, dtype = _cell_and_dtype(name, dtype)
    extra_line = cell.extra_line if extra_line is None else extra_line
    reference = _train(cell, dtype, Run("large", seed))
    return _distance(reference, _train(cell, dtype, Run(side, seed, extra_line)))


def noise_floor(name, *, dtype=None, seed=0):
    """The d of the large batch with its rows in another order."""
    cell, dtype = _cell_and_dtype(name, dtype)
    reference = _train(cell, dtype, Run("large", seed))
    return _distance(reference, _train(cell, dtype, Run("large", seed, reordered=True)))


def find(name):
    """The cell called `name`; raises `ValueError` with the nearest names if there is none."""
    if name not in CELLS:
        near = difflib.get_close_matches(name, CELLS, n=3, cutoff=0.3)
        raise ValueError(f"No cell is called {name!r}. Nearest: {near}. All: list(CELLS).")
    return CELLS[name]


def _cell_and_dtype(name, dtype):
    cell, backend = find(name), keras.backend.backend()
    if backend not in cell.backends:
        raise ValueError(f"The cell {name!r} exists on {cell.backends}, not on {backend!r}.")
    if dtype is not None and dtype not in BOUNDS:
        raise ValueError(f"`dtype` must be one of {list(BOUNDS)}. Received: dtype={dtype!r}.")
    if dtype is None:
        # On torch, Keras multiplies matrices in float32 even where float64 is asked for.
        no_float64 = backend == "torch" and cell.dtype == "float64"
        dtype = "float32" if no_float64 else cell.dtype
    return cell, dtype


def _train(cell, dtype, run):
    with _precision(dtype), warnings.catch_warnings():
        for message in cell.warns:
            warnings.filterwarnings("ignore", message)
        return cell.train(run)


def _distance(reference, other):
    (start, large), (other_start, other_end) = reference, other
    if not np.array_equal(start, other_start):
        raise RuntimeError("The sides did not start with the same weights.")
    moved = np.abs(large - start).max()
    if not 1e-3 < moved < np.inf:
        raise RuntimeError(f"The large batch must move to be compared with: it moved {moved}.")
    return float(np.abs(other_end - large).max() / moved)


@contextlib.contextmanager
def _precision(dtype):
    """Everything that is built and compiled inside computes in `dtype`."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64" if dtype == "float64" else "float32")
    keras.config.set_dtype_policy(dtype)
    try:
        with float64_enabled() if dtype == "float64" else contextlib.nullcontext():
            yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
