"""Evidence for `verdict`: eigenvalues, identities of the field, simulated radii."""

import dataclasses
import math

import numpy as np

from blogkit.gan_theory.dynamics.linear import jacobian, update_matrix
from blogkit.gan_theory.dynamics.simulate import march, solve
from blogkit.gan_theory.dynamics.system import System
from blogkit.gan_theory.dynamics.trend import FALLING, FLAT, REACHED, trend

NEAR = 0.3  # least start radius around a centre: drift is of second order in the radius, or slower
OUTSIDE = 30.0  # how much farther out a start is "far outside"
SLOW = 0.02  # relative speed |v| / |z| below which a flow is followed in another time
MARGIN = 1e-11  # accuracy of an eigenvalue; at a double root only its square root
POINTS = 2000  # of a flow per window
LONGEST = 2**17  # steps, unless a turn takes more
EVALUATIONS = 250_000  # of the field for a whole flow: about 10 s


class TooLong(Exception):
    """A flow needs more than `EVALUATIONS`: it is stiff."""


class Evidence:
    """Gathers the evidence for one system, one kind of step and one start."""

    def __init__(
        self, system: System, step: float | None, updates: str, critic_steps: int, start: list[float]
    ):
        self.system, self.step, self.updates, self.critic_steps = system, step, updates, critic_steps
        self.matrix = self._matrix()
        self.eigenvalues = None
        if self.matrix is not None:
            self.eigenvalues = tuple(np.sort_complex(np.linalg.eigvals(self.matrix)).tolist())
        samples = np.random.default_rng(0).normal(size=(50, system.size))
        self._samples = samples * max(1.0, float(np.linalg.norm(start)))
        self.local = self._local()
        self.start, self.first, self.moved_out = start, float(np.linalg.norm(start)), False
        if self.local == "centre" and self.first < NEAR and not self.linear and not any(self._excluding()):
            self.start = (np.array(start) * NEAR / self.first).tolist()
            self.first, self.moved_out = NEAR, True
        self.drift = {quantity.name: 0.0 for quantity in self._conserved()}
        self.highest, self.lowest, self.state, self.done, self.path = [], [], self.start, 0, 0.0
        self.followed = self._followed()
        self.length = self._first_window()
        self.windows = 11 if step is None else 1 + max(5, int(math.log2(LONGEST / self.length)))
        self.trend = None

    def simulate_window(self) -> None:
        """Simulates one more window, as long as all before it."""
        length = self.done or self.length
        if self.step is None:
            states = self._flow(length)
            if states is None:
                self.windows, self.trend = len(self.highest), None
                return
        else:
            states = march(self.system, length, self.step, self.updates, self.state, self.critic_steps)
        radii = self.system.radius(states)
        with np.errstate(all="ignore"):
            for quantity in self._conserved():
                off = np.abs(quantity.value(*states.T) - quantity.value(*np.array(self.start))).max()
                self.drift[quantity.name] = max(self.drift[quantity.name], float(off))
            self.path += float(np.linalg.norm(np.diff(states, axis=0), axis=1).sum())
        self.highest.append(float(radii[1:].max()))
        self.lowest.append(float(radii[1:].min()))
        self.state, self.done = states[-1].tolist(), self.done + length
        self.trend = trend(self.highest, self.first)
        if self.trend == FLAT and self.path < self.first / 2:  # it has hardly moved
            self.trend = None

    def falls_from_outside(self) -> bool:
        """Whether a start far outside comes nearer: then all starts in between stay bounded."""
        start = (np.array(self.start) * OUTSIDE * self.highest[-1] / self.first).tolist()
        outside = Evidence(self.system, self.step, self.updates, self.critic_steps, start)
        while len(outside.highest) < outside.windows and outside.trend not in (REACHED, FALLING):
            outside.simulate_window()
            if not outside.highest:
                return False
            if outside.highest[-1] > 1.5 * outside.first:
                return False
            if outside.highest[-1] < 0.5 * outside.first:
                return True
        return outside.trend in (REACHED, FALLING)

    def _flow(self, length):
        try:
            return solve(self.followed, np.linspace(0, length, POINTS + 1), self.state)
        except TooLong:
            return None
        except (RuntimeError, OverflowError, ValueError):  # it left the range of floats
            return np.full((2, self.system.size), np.inf)

    def _followed(self):
        """The system; if it is very slow, one with the same orbits at relative speed 1."""
        count = iter(range(EVALUATIONS))

        def field(*z):
            if next(count, None) is None:
                raise TooLong
            return self.system.field(*z)

        speed = float(np.linalg.norm(self.system(self.start))) / self.first
        self.slow = self.step is None and 0 < speed < SLOW and self.system.sides is None
        if not self.slow:
            return (
                self.system
                if self.step or self.system.sides
                else dataclasses.replace(self.system, field=field)
            )

        def at_speed_one(*z):
            v = field(*z)
            factor = math.hypot(*z) / max(math.hypot(*v), 1e-300)
            return tuple(factor * a for a in v)

        return dataclasses.replace(self.system, field=at_speed_one)

    def _matrix(self):
        try:
            if self.step is None:
                return jacobian(self.system)
            return update_matrix(self.system, self.step, self.updates, self.critic_steps)
        except ValueError:
            return None

    def _local(self):
        if self.eigenvalues is None:
            with np.errstate(all="ignore"):
                near, nearer = (np.linalg.norm(self.system(e * self._samples), axis=1) for e in (1e-9, 1e-12))
            return "rest" if (nearer < 0.5 * near).all() else "never rests"
        rates = _rates(self.eigenvalues, self.step)
        if (rates < -MARGIN).all():
            return "attracting"
        if (abs(rates) <= MARGIN).all():
            return "centre"
        return "repelling" if (rates > MARGIN).all() else "saddle"

    @property
    def linear(self) -> bool:
        """Whether the field is its Jacobian times the state, everywhere."""
        if self.matrix is None:
            return False
        by_jacobian = self._samples @ jacobian(self.system).T
        return np.allclose(
            self.system(self._samples), by_jacobian, rtol=0, atol=1e-9 * np.abs(self._samples).max()
        )

    @property
    def diagonalizable(self) -> bool:
        return np.linalg.cond(np.linalg.eig(self.matrix)[1]) < 1e6

    @property
    def at_right_angles(self) -> bool:
        """Whether the field never points to or from the target: v . z = 0 everywhere."""
        if np.isnan(self.system.target).any() or not self.system.equilibrium:
            return False
        z, v = self._samples, self.system(self._samples)
        scale = np.linalg.norm(z, axis=1) * np.linalg.norm(v, axis=1)
        return bool((np.abs((z * v).sum(1)) <= 1e-12 * scale).all())

    def _conserved(self):
        if self.step is None:
            return self.system.conserved
        if self.updates == "alternating" and self.critic_steps == 1 and self.system.conserved_alternating:
            return (self.system.conserved_alternating(self.step),)
        return ()

    def _excluding(self):
        """Quantities whose value at the start is not the target's."""
        for quantity in self._conserved():
            if quantity.at_target is not None:
                value = float(quantity.value(*self.start))
                if abs(value - quantity.at_target) > 1e-9 * self.first**2:
                    yield quantity, value

    @property
    def kept_from_target(self) -> str | None:
        """The first conserved quantity that excludes the target, as text, if the simulation conserved it."""
        for quantity, value in self._excluding():
            off = self.drift[quantity.name]
            if off <= 1e-6 * abs(value):
                return f"{quantity.name} = {value:.4g} (drift {off:.0e})"
        return None

    def _first_window(self):
        turns = [abs(z.imag) if self.step is None else abs(np.angle(z)) for z in self.eigenvalues or ()]
        turns = [turn for turn in turns if turn > 1e-6]
        period = 2 * math.pi / min(turns) if turns else 0
        if self.step is None:
            return max(4 * period, 20.0)
        return math.ceil(max(4 * period, 512, min(20 / self.step, LONGEST / 16)))

    @property
    def at_end(self) -> bool:
        return len(self.highest) == self.windows

    @property
    def growth(self) -> float:
        return self.highest[-1] / self.highest[0]

    @property
    def far_from_start(self) -> bool:
        return self.highest[-1] > 100 * self.first

    @property
    def eigenvalues_text(self) -> str:
        if self.local == "never rests":
            return "there are no eigenvalues, because the field does not vanish near the target"
        if self.local == "rest":
            return "there are no eigenvalues, because the field has no derivative at the target"
        shown = ", ".join(_number(z) for z in self.eigenvalues)
        rates = _rates(self.eigenvalues, self.step)
        if self.step is None:
            return f"the eigenvalues {shown} have real parts {_sides(rates, 0)}"
        return f"the update's eigenvalues {shown} have moduli {_sides(rates, 1)}"

    @property
    def radii(self) -> tuple[float, float]:
        return (self.lowest[-1], self.highest[-1]) if self.highest else (math.nan, math.nan)

    @property
    def radii_text(self) -> str:
        if not self.highest:
            return f"the flow is too stiff to be followed over {self.length:.4g} units of time"
        low, high = self.radii
        first = float(self.system.radius(self.start))
        moved = f", start moved out to {NEAR}" if self.moved_out else ""
        time = "t" if not self.slow else "tau, the time at relative speed 1,"
        span = f"{time} = {self.done:.6g}" if self.step is None else f"{self.done} steps"
        end = (
            f"{low:.4g} to {high:.4g} at the end of {span}"
            if math.isfinite(high)
            else f"overflow within {span}"
        )
        return f"radius {first:.4g} at the start{moved}, {end}"


def _rates(eigenvalues, step):
    """Real parts for a flow, moduli - 1 for updates: negative for a contraction."""
    found = np.array(eigenvalues)
    return found.real if step is None else abs(found) - 1


def _number(z):
    if abs(z.imag) < 1e-12:
        return f"{z.real:.4g}"
    return f"{z.imag:.4g}i" if abs(z.real) < 1e-12 else f"{z.real:.4g}{z.imag:+.4g}i"


def _sides(rates, border):
    if (rates < -MARGIN).all():
        return f"below {border}"
    if (abs(rates) <= MARGIN).all():
        return f"of exactly {border}"
    return f"above {border}" if (rates > MARGIN).all() else f"on both sides of {border}"
