"""A situation in which accumulated small batches should equal one large batch."""

from collections.abc import Callable
from dataclasses import dataclass

BACKENDS = ("tensorflow", "jax", "torch")
# Relative to the distance that the large batch's weights have moved. 1e-5 is 80 times the
# rounding of float32, 1e-10 is 500,000 times that of float64.
BOUNDS = {"float64": 1e-10, "float32": 1e-5, "mixed_float16": 1e-5, "mixed_bfloat16": 1e-5}


@dataclass(frozen=True)
class Cell:
    """One row of the conformance table.

    Attributes:
        name: What a reader types to measure it again.
        meaning: One sentence: what is done and, where it matters, with what it is compared.
        train: Function of a `Run` that trains one side and returns two vectors (mostly the
            weights) before and after training.
        extra_line: Whether "ours" needs `accumulate_exactly(model)` here.
        built_in: Whether Keras' `gradient_accumulation_steps` can be put into this situation.
        exact: False where no accumulation can be exact.
        dtype: float64 wherever the situation permits it, so that rounding cannot hide an error.
        backends: Backends on which the situation exists.
        defect: Error of Keras itself, without any accumulation, in this situation.
        warns: Patterns of the warnings that the situation causes.
    """

    name: str
    meaning: str
    train: Callable
    extra_line: bool = False
    built_in: bool = True
    exact: bool = True
    dtype: str = "float64"
    backends: tuple = BACKENDS
    defect: str = ""
    warns: tuple = ()

    def describe(self) -> dict:
        """The cell's part of a table row."""
        return {"meaning": self.meaning, "extra_line": self.extra_line, "defect": self.defect}
