"""The measurement: distance of a side's weights from the large batch's, relative to the step taken."""

import contextlib
import difflib
import warnings
from dataclasses import dataclass

import keras
import numpy as np

from blogkit.checks import check_choice
from blogkit.conformance.cell import BOUNDS, Cell
from blogkit.conformance.cells import CELLS
from blogkit.conformance.run import Run
from blogkit.ops import float64_enabled


@dataclass(frozen=True)
class Row:
    """A measured cell.

    A distance is a number, the name of an error's class, or "-" where a side does not exist.
    """

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


def measure(name: str, *, dtype: str | None = None, seed: int = 0, extra_line: bool | None = None) -> Row:
    """Measures one cell on the current backend.

        d = max |w - w_large| / max |w_large - w_start|

    compares the weights of a side with those of the large batch. The floor is the d of the large
    batch itself with its rows in another order: the effect of rounding alone.

    Args:
        name: Name of a cell, one of `CELLS`.
        dtype: "float32" or "float64" instead of the cell's own, which is float64 where the
            situation and the backend permit it.
        seed: Seed of the initial weights and the data.
        extra_line: Whether ours calls `accumulate_exactly(model)`. Default: as the cell needs.

    Returns:
        A `Row`. `verdict` is "exact" if ours is within the bound.

    Raises:
        ValueError: If the cell is unknown or does not exist on this backend.
        RuntimeError: If nothing was measured: the large batch did not move, or the sides
            did not start with the same weights.

    Example:

    >>> from blogkit import conformance
    >>> conformance.measure("apply, ragged + partial").verdict
    'exact'
    """
    comparison = _Comparison(name, dtype, seed)
    cell, dtype = comparison.cell, comparison.dtype
    floor = comparison.shown("large", reordered=True)
    built_in = comparison.shown("built-in") if cell.built_in else "-"
    ours = comparison.shown("ours", extra_line=extra_line)
    exact = not isinstance(ours, str) and ours <= BOUNDS[dtype]
    verdict = "exact" if exact else "not exact" if cell.exact else "not exact, as expected"
    backend = keras.backend.backend()
    return Row(name, backend, dtype, floor, built_in, ours, BOUNDS[dtype], verdict)


def bound(name: str) -> float:
    """The largest d that counts as exact for this cell on this backend."""
    return BOUNDS[_cell_and_dtype(name, None)[1]]


def distance(
    name: str,
    side: str = "ours",
    *,
    dtype: str | None = None,
    seed: int = 0,
    extra_line: bool | None = None,
) -> float:
    """The d of one side, "ours" or "built-in", of `measure`; raises what its training raises."""
    if side not in ("ours", "built-in"):
        raise ValueError(f"`side` must be 'ours' or 'built-in'. Received: side={side!r}.")
    return _Comparison(name, dtype, seed).distance(side, extra_line=extra_line)


def noise_floor(name: str, *, dtype: str | None = None, seed: int = 0) -> float:
    """The d of the large batch with its rows in another order."""
    return _Comparison(name, dtype, seed).distance("large", reordered=True)


def find(name: str) -> Cell:
    """The cell called `name`; for an unknown name a `ValueError` with the nearest ones."""
    if name not in CELLS:
        near = difflib.get_close_matches(name, CELLS, n=3, cutoff=0.3)
        raise ValueError(f"No cell is called {name!r}. Nearest: {near}. All: list(CELLS).")
    return CELLS[name]


def _cell_and_dtype(name, dtype):
    cell, backend = find(name), keras.backend.backend()
    if backend not in cell.backends:
        raise ValueError(f"The cell {name!r} exists on {cell.backends}, not on {backend!r}.")
    if dtype is not None:
        check_choice("dtype", dtype, choices=BOUNDS)
    if dtype is None:
        # On torch, Keras multiplies matrices in float32 even where float64 is asked for.
        no_float64 = backend == "torch" and cell.dtype == "float64"
        dtype = "float32" if no_float64 else cell.dtype
    return cell, dtype


class _Comparison:
    """The large batch of one cell, trained, with which the sides are compared."""

    def __init__(self, name, dtype, seed):
        self.cell, self.dtype = _cell_and_dtype(name, dtype)
        self.seed = seed
        self.start, self.large = self._train("large")
        self.moved = np.abs(self.large - self.start).max()

    def distance(self, side, **options):
        """The d of `side`; raises what its training raises."""
        return self._distance(*self._train(side, **options))

    def shown(self, side, **options):
        """The d of `side`, or the class of the error of its training: a crash is a result."""
        try:
            ends = self._train(side, **options)
        except Exception as error:
            return type(error).__name__
        return self._distance(*ends)

    def _train(self, side, extra_line=None, reordered=False):
        extra_line = self.cell.extra_line if extra_line is None else extra_line
        with _precision(self.dtype), warnings.catch_warnings():
            for message in self.cell.warns:
                warnings.filterwarnings("ignore", message)
            return self.cell.train(Run(side, self.seed, extra_line, reordered))

    def _distance(self, start, end):
        if not np.array_equal(self.start, start):
            raise RuntimeError("The sides did not start with the same weights.")
        if not 1e-3 < self.moved < np.inf:
            raise RuntimeError(f"The large batch must move to be compared with: it moved {self.moved}.")
        return float(np.abs(end - self.large).max() / self.moved)


@contextlib.contextmanager
def _precision(dtype):
    """Context manager within which models are built and compiled in `dtype`."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64" if dtype == "float64" else "float32")
    keras.config.set_dtype_policy(dtype)
    try:
        with float64_enabled() if dtype == "float64" else contextlib.nullcontext():
            yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
