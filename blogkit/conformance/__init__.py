"""Conformance: where n small batches equal one large batch, and where they do not.

A cell is a situation: an optimizer, a setting, a ragged batch, a checkpoint. Any of them
can be measured again on the current backend:

    from blogkit import conformance
    print(conformance.measure("ragged + partial"))

`benchmarks/accumulation_conformance.py` prints all of them for every backend.
"""

from blogkit.conformance.cell import BOUNDS, Cell
from blogkit.conformance.cells import CELLS, GROUPS
from blogkit.conformance.measure import (
    Row,
    bound,
    distance,
    find,
    measure,
    noise_floor,
)

__all__ = [
    "BOUNDS",
    "CELLS",
    "GROUPS",
    "Cell",
    "Row",
    "bound",
    "distance",
    "find",
    "measure",
    "noise_floor",
]
