"""All cells of the conformance table, in groups."""

from blogkit.conformance.cells import (
    files,
    loops,
    modes,
    optimizers,
    precision,
    settings,
    state,
    unequal,
    variables,
)

GROUPS = {
    "optimizers": optimizers.CELLS,
    "settings": settings.CELLS,
    "modes": modes.CELLS,
    "precision": precision.CELLS,
    "unequal": unequal.CELLS,
    "state": state.CELLS,
    "variables": variables.CELLS,
    "files": files.CELLS,
    "loops": loops.CELLS,
}
CELLS = {cell.name: cell for cells in GROUPS.values() for cell in cells}
