"""Every cell of the conformance table holds for ours, and the measurement can fail."""

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit import conformance
from blogkit.conformance import Cell, run
from blogkit.conformance.cells.optimizers import OPTIMIZERS
from blogkit.conformance.recipes import fit
from blogkit.optimizers import AccumOptimizer

BACKEND = keras.backend.backend()
HERE = [name for name, cell in conformance.CELLS.items() if BACKEND in cell.backends]
WRONG = 1e-3  # far above every bound, and below what any mistake in here costs


@pytest.mark.parametrize("name", [name for name in HERE if conformance.CELLS[name].exact])
def test_ours_ends_where_the_large_batch_ends(name):
    assert conformance.distance(name) <= conformance.bound(name)


def test_batch_normalization_is_the_marked_exception():
    row = conformance.measure("BatchNormalization")
    assert row.ours > WRONG
    assert row.verdict == "not exact, as expected"
    assert [cell.name for cell in conformance.CELLS.values() if not cell.exact] == [row.cell]


def test_every_optimizer_of_keras_has_a_cell():
    classes = [c for c in vars(ko).values() if isinstance(c, type) and issubclass(c, ko.Optimizer)]
    in_cells = {type(make()).__name__ for make in OPTIMIZERS.values()}
    # LossScaleOptimizer has cells of its own, in half precision.
    assert {c.__name__ for c in classes} == in_cells | {"Optimizer", "LossScaleOptimizer"}


def test_cells_have_a_name_that_fits_the_table_and_a_sentence():
    assert len(conformance.CELLS) == sum(map(len, conformance.GROUPS.values()))  # no name twice
    for cell in conformance.CELLS.values():
        assert len(cell.name) <= 34 and cell.meaning.endswith("."), cell.name


# The measurement itself ----------------------------------------------------------


class ForgetsWeights(AccumOptimizer):
    def weigh(self, weight):
        pass


class ForgetsToClose(AccumOptimizer):
    def close_window(self):
        pass


class UpdatesAlways(AccumOptimizer):
    def __init__(self, optimizer, steps_per_update, **options):
        super().__init__(optimizer, 1, **options)


class Adds(AccumOptimizer):
    def __init__(self, optimizer, steps_per_update, reduction="mean", **options):
        super().__init__(optimizer, steps_per_update, reduction="sum", **options)


@pytest.mark.parametrize(
    "wrong, name",
    [
        (ForgetsWeights, "apply, ragged + partial"),
        (ForgetsWeights, "ragged"),
        (ForgetsWeights, "mask"),
        (ForgetsToClose, "partial"),
        (UpdatesAlways, "SGD"),
        (UpdatesAlways, "mixed_float16, scale inside"),
        (Adds, "SGD"),
    ],
)
def test_a_wrong_optimizer_is_far_off(wrong, name, monkeypatch):
    monkeypatch.setattr(run, "AccumOptimizer", wrong)
    assert conformance.distance(name) > WRONG


@pytest.mark.parametrize(
    "name", ["ragged", "partial", "mean_with_sample_weight", "mask, nothing left", "sum, L2"]
)
def test_cells_that_are_said_to_need_the_extra_line_do(name):
    assert conformance.CELLS[name].extra_line
    assert conformance.distance(name, extra_line=False) > WRONG


@pytest.mark.parametrize("name", ["Adam", "ragged + partial", "mixed_float16, scale inside"])
def test_rounding_alone_stays_within_the_bound(name):
    assert conformance.noise_floor(name) <= conformance.bound(name)


DEFECTS = {"tensorflow": ["Embedding"], "jax": ["Nadam, scale inside", "Nadam, scale outside"]}


@pytest.mark.parametrize("name", DEFECTS.get(BACKEND, []))
def test_plain_keras_still_has_the_defects_that_cells_name(name):
    # When this fails, Keras has mended it: take the note out of the cell.
    assert conformance.CELLS[name].defect
    assert conformance.noise_floor(name) > WRONG


def use(monkeypatch, train, **options):
    cell = Cell("made up", "For this test.", train, **options)
    monkeypatch.setitem(conformance.CELLS, cell.name, cell)
    return cell.name


def test_a_large_batch_that_does_not_move_is_no_reference(monkeypatch):
    name = use(monkeypatch, fit(lambda **options: ko.SGD(0.0, **options), epochs=1))
    with pytest.raises(RuntimeError, match="must move to be compared with: it moved 0.0"):
        conformance.measure(name)


def test_sides_that_start_differently_are_not_compared(monkeypatch):
    def train(run):
        start = np.array([float(run.side == "ours")])
        return start, start + 1.0

    with pytest.raises(RuntimeError, match="did not start with the same weights"):
        conformance.measure(use(monkeypatch, train, built_in=False))


def test_crashes_and_nan_are_shown_and_never_exact(monkeypatch):
    def train(run):
        if run.side == "built-in":
            raise NotImplementedError
        return np.zeros(1), np.full(1, np.nan if run.side == "ours" else 1.0)

    row = conformance.measure(use(monkeypatch, train))
    assert (row.floor, row.built_in, row.verdict) == (0.0, "NotImplementedError", "not exact")
    assert "built-in NotImplementedError, ours nan" in str(row)
    assert conformance.measure(use(monkeypatch, train, built_in=False)).built_in == "-"


def test_the_crash_of_a_reference_is_raised(monkeypatch):
    def train(run):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        conformance.measure(use(monkeypatch, train))


def test_precision_is_restored():
    def settings():
        number = str(keras.ops.convert_to_tensor(np.ones(1)).dtype)
        return keras.config.floatx(), keras.config.dtype_policy().name, number

    before = settings()
    conformance.distance("SGD", dtype="float64")
    conformance.noise_floor("mixed_bfloat16")
    assert settings() == before


def test_float64_is_float64():
    if BACKEND == "torch":
        pytest.skip("Keras multiplies matrices in float32 on torch")
    # Weights that move by 0.1 differ by 1e-17 when rows are added in another order.
    assert 0 < conformance.noise_floor("SGD") < 1e-13
    assert conformance.noise_floor("SGD", dtype="float32") > 1e-9


def test_names_are_checked():
    with pytest.raises(ValueError, match=r"No cell is called 'raged'. Nearest: \['ragged'"):
        conformance.measure("raged")
    with pytest.raises(ValueError, match="`dtype` must be one of .* Received: dtype='float8'"):
        conformance.measure("SGD", dtype="float8")
    with pytest.raises(ValueError, match="`side` must be 'ours' or 'built-in'. .* side='large'"):
        conformance.distance("SGD", "large")


def test_cells_of_other_backends_are_refused():
    other = next(n for n in conformance.CELLS if n not in HERE)
    with pytest.raises(ValueError, match=f"exists on .* not on '{BACKEND}'"):
        conformance.measure(other)
