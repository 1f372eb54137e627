"""Two players and the vector field that moves them."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Conserved:
    """A quantity that the flow keeps.

    Args:
        name: For people.
        value: Function of the coordinates.
        at_target: Its value wherever the generator has arrived, or None if that is not one
            value. A start with another value can never arrive.
    """

    name: str
    value: Callable
    at_target: float | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class System:
    """z' = v(z), where both players follow their own gradient at once.

    Args:
        name: For people, parameters included.
        field: v as a function of the coordinates, one float or array each; gives a tuple.
        generator, critic: Which coordinates belong to whom.
        target: Where the distance to the goal is measured from, a number per coordinate; NaN
            for the coordinates that do not count.
        start: Default start.
        conserved: What the flow keeps.
        conserved_alternating: What alternating steps of a size h keep, a function of h, or None.
        clip: The critic's coordinates stay within [-clip, clip] after each of its steps, or None.
        equilibrium: Whether nothing moves when all coordinates are 0.
        smooth: Whether the field has many derivatives there.
        sides: None, or for a field with a jump where the one critic coordinate changes its
            sign: a function of 1.0 or -1.0 that gives the field on that side.

    Example:

    >>> from blogkit.gan_theory.dynamics import dirac_gan
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
    def size(self):
        return len(self.start)

    def __call__(self, state):
        """v at one state or many, `(..., size)`."""
        state = np.asarray(state, "float64")
        return np.stack(np.broadcast_arrays(*self.field(*np.moveaxis(state, -1, 0))), axis=-1)

    def radius(self, state):
        """Distance to the target, of one state or many: `(..., size)` to `(...)`."""
        away = np.asarray(state, "float64") - np.asarray(self.target)
        with np.errstate(over="ignore"):
            return np.sqrt((np.where(np.isnan(away), 0.0, away) ** 2).sum(-1))

    def check_start(self, start):
        """`start` as a list of floats, or the default for None.

        Raises:
            ValueError: For another number of coordinates, NaN or inf, and a start from
                which nothing moves or where the field is not defined.
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
            what = "nothing moves" if speed == 0 else "the field is not defined"
            raise ValueError(f"At `start` {what}: {start} for '{self.name}'. Give another start.")
        return start
