"""Two-player dynamical systems: vector field, players and conserved quantities."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True, eq=False)
class Conserved:
    """A quantity that the flow conserves.

    Args:
        name: Name for display.
        value: Function of the coordinates.
        at_target: Its value wherever the generator is at the target, or None if that is not one
            value. A start with another value never reaches the target.
    """

    name: str
    value: Callable
    at_target: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class System:
    """z' = v(z), where both players follow their own gradient at once.

    Args:
        name: Name for display, with parameters.
        field: v as a function of the coordinates, one float or array each; returns a tuple.
        generator, critic: Indices of the coordinates of each player.
        target: Point from which distances are measured, a number per coordinate; NaN for
            coordinates that do not count.
        start: Default start.
        conserved: Quantities that the flow conserves.
        conserved_alternating: Function from a step size h to the quantity that alternating steps
            conserve, or None.
        clip: The critic's coordinates stay within [-clip, clip] after each of its steps, or None.
        equilibrium: Whether the field vanishes at 0.
        smooth: Whether the field is smooth at 0.
        sides: None, or for a field with a jump where the one critic coordinate changes its
            sign: a function of 1.0 or -1.0 that gives the field on that side.

    Example:

    >>> from blogkit.gan_theory import dirac_gan
    >>> system = dirac_gan("wgan")
    >>> system([1.0, 0.5]).tolist(), round(float(system.radius([3.0, 4.0])), 6)
    ([-0.5, 1.0], 5.0)
    """

    name: str
    field: Callable
    generator: tuple
    critic: tuple
    target: tuple
    start: tuple
    conserved: tuple = ()
    conserved_alternating: Callable | None = None
    clip: float | None = None
    equilibrium: bool = True
    smooth: bool = True
    sides: Callable | None = None

    @property
    def size(self) -> int:
        return len(self.start)

    def __call__(self, state: ArrayLike) -> np.ndarray:
        """v at one state or many, `(..., size)`."""
        state = np.asarray(state, "float64")
        return np.stack(np.broadcast_arrays(*self.field(*np.moveaxis(state, -1, 0))), axis=-1)

    def radius(self, state: ArrayLike) -> np.ndarray:
        """Distance to the target, of one state or many: `(..., size)` to `(...)`."""
        away = np.asarray(state, "float64") - np.asarray(self.target)
        with np.errstate(over="ignore"):
            return np.sqrt((np.where(np.isnan(away), 0.0, away) ** 2).sum(-1))

    def check_start(self, start: ArrayLike | None) -> list[float]:
        """`start` as a list of floats, or the default for None.

        Raises:
            ValueError: For another number of coordinates, NaN or inf, and a start where
                the field is 0 or undefined.
        """
        start = self.start if start is None else np.ravel(start).tolist()
        if len(start) != self.size or not all(map(math.isfinite, start)):
            raise ValueError(
                f"`start` must be {self.size} finite numbers for '{self.name}'. Received: start={start}."
            )
        start = [float(coordinate) for coordinate in start]
        with np.errstate(all="ignore"):
            speed = np.linalg.norm(self(start))
        if not np.isfinite(speed) or speed == 0:
            what = "0" if speed == 0 else "not defined"
            raise ValueError(
                f"`start` must be a point with a nonzero field; that of '{self.name}' is {what} there. "
                f"Received: start={start}. Give another start."
            )
        return start
