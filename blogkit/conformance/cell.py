"""A situation in which accumulated small batches should equal one large batch."""

from collections.abc import Callable
from dataclasses import dataclass

BACKENDS = ("tensorflow", "jax", "torch")
# Relative to the way that the large batch's weights have moved. 1e-5 leaves float32 a
# factor of 80 above its rounding, 1e-10 leaves float64 a factor of 500,000.
BOUNDS = {"float64": 1e-10, "float32": 1e-5, "mixed_float16": 1e-5, "mixed_bfloat16": 1e-5}


@dataclass(frozen=True)
class Cell:
    """One row of the conformance table.

    Attributes:
        name: What a reader types to measure it again.
        meaning: One sentence: what is done, and where it matters, what it is compared with.
        train: Function of a `Run` that trains one side and returns two vectors, what is
            compared before and after training (mostly the weights).
        extra_line: Whether "ours" needs `accumulate_exactly(model)` here.
        built_in: Whether Keras' `gradient_accumulation_steps` can be put into this situation.
        exact: False where no accumulation can be exact, whoever does it.
        dtype: float64 wherever the situation permits it, so that rounding cannot hide an error.
        backends: Those on which the situation exists.
        defect: What Keras itself, without any accumulation, gets wrong here.
        warns: Warnings that belong to the situation, as patterns.
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

    def describe(self):
        """What a table needs besides the numbers."""
        return {"meaning": self.meaning, "extra_line": self.extra_line, "defect": self.defect}
