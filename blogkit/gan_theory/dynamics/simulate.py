"""Trajectories of a system: its flow, and gradient steps of a finite size."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from blogkit.checks import check_count, check_positive
from blogkit.extras import import_extra
from blogkit.gan_theory import arguments
from blogkit.gan_theory.dynamics.system import System


def flow(
    system: System, times: ArrayLike, start: ArrayLike | None = None, tolerance: float = 1e-10
) -> np.ndarray:
    """The solution of z' = v(z) by the Dormand-Prince method of order 8 (SciPy's DOP853).

    Args:
        system: A `System`.
        times: Increasing, non-negative times at which to return the state.
        start: State at time 0; None for the system's own.
        tolerance: Relative error of a step; the absolute one is a hundredth of it.

    Returns:
        States, an array `(len(times), size)`.

    Raises:
        ValueError: For times that do not increase, a start where the field is 0, and systems with
            clipping, which happens after steps.
        RuntimeError: If the solver fails.
        ModuleNotFoundError: Without SciPy, of the extra `theory`.

    Example: the plain GAN stays on its circle.

    >>> from blogkit.gan_theory import dirac_gan, flow
    >>> system = dirac_gan("gan")
    >>> system.radius(flow(system, [0, 50, 100])).round(6).tolist()
    [1.414214, 1.414214, 1.414214]
    """
    start = system.check_start(start)
    if system.clip is not None:
        raise ValueError(f"'{system.name}' has no flow: clipping follows a step. Use `discretise`.")
    times = np.asarray(times, "float64")
    if times.ndim != 1 or not len(times) or times[0] < 0 or (np.diff(times) <= 0).any():
        raise ValueError(
            f"`times` must be increasing non-negative numbers, at least one. Received: times={times}."
        )
    check_positive("tolerance", tolerance)
    return solve(system, times, start, tolerance)


def solve(system: System, times: np.ndarray, start: Sequence[float], tolerance: float = 1e-10) -> np.ndarray:
    """`flow` without its checks."""
    if system.sides is not None:
        return _solve_by_sides(system, times, start, tolerance)
    return _solve(system, system.field, 0.0, times, start, tolerance)[0]


def _solve(system, field, begin, times, start, tolerance, event=None):
    """States at `times`, up to `event`; the time and the state of the event, or None."""
    solve_ivp = import_extra("scipy.integrate", needed_by="flow").solve_ivp
    if not len(times) or times[-1] <= begin:
        return np.tile(np.array(start, "float64"), (len(times), 1)), None
    found = solve_ivp(
        lambda t, z: field(*z.tolist()),
        (begin, times[-1]),
        start,
        method="DOP853",
        t_eval=times,
        rtol=max(tolerance, 1e-13),
        atol=tolerance / 100,
        events=event,
    )
    if found.status < 0:
        raise RuntimeError(f"The solver failed on the flow of '{system.name}': {found.message}")
    states = found.y.T if len(found.t) else np.empty((0, system.size))
    return states, (found.t_events[0][0], found.y_events[0][0]) if found.status == 1 else None


def _solve_by_sides(system, times, start, tolerance):
    """Piece by piece: no step of the solver, and no interpolation, crosses the jump."""
    k, begin, parts = system.critic[0], 0.0, []
    side = np.sign(start[k]) or np.sign(system.field(*start)[k])
    while len(times):

        def event(t, z, side=side, begin=begin):
            return z[k] if abs(z[k]) > 1e-15 or t > begin else side * 1e-15

        event.terminal, event.direction = True, -side
        states, crossing = _solve(system, system.sides(float(side)), begin, times, start, tolerance, event)
        parts.append(states)
        times = times[len(states) :]
        if crossing is None:
            break
        begin, start, side = crossing[0], crossing[1].tolist(), -side
        start[k] = 0.0
    return np.concatenate(parts)


def discretise(
    system: System,
    steps: int,
    step_size: float,
    updates: str = "simultaneous",
    start: ArrayLike | None = None,
    critic_steps: int = 1,
) -> np.ndarray:
    """Gradient steps of both players.

    Simultaneous: z <- z + h v(z). Alternating: the generator moves first, then the critic
    responds with `critic_steps` steps. A system with clipping clips after each update.

    Args:
        system: A `System`.
        steps: Number of steps.
        step_size: h, positive.
        updates: `"simultaneous"` or `"alternating"`.
        start: First state; None for the system's own.
        critic_steps: Steps of the critic for each of the generator, when alternating.

    Returns:
        States, an array `(steps + 1, size)`, inf from where they overflow.

    Raises:
        ValueError: For a step size or a count that is not positive, an unknown `updates`, and a
            start where the field is 0.

    Example: a WGAN's radius grows by the factor sqrt(1 + h^2) with every simultaneous step.

    >>> from blogkit.gan_theory import dirac_gan, discretise
    >>> system = dirac_gan("wgan")
    >>> r = system.radius(discretise(system, 2, step_size=0.75))
    >>> (r[1:] / r[:-1]).round(6).tolist()
    [1.25, 1.25]
    """
    check_positive("step_size", step_size)
    arguments.check_updates(updates=updates, critic_steps=critic_steps)
    check_count("steps", steps)
    return march(system, steps, step_size, updates, system.check_start(start), critic_steps)


def march(
    system: System, steps: int, step_size: float, updates: str, state: list[float], critic_steps: int = 1
) -> np.ndarray:
    """`discretise` without its checks."""
    states = np.full((steps + 1, system.size), np.inf)
    states[0] = state
    update = _simultaneous if updates == "simultaneous" else _alternating
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(1, steps + 1):
            try:
                state = update(system, state, step_size, critic_steps)
            except OverflowError:  # of Python's floats
                break
            if not all(-1e300 < coordinate < 1e300 for coordinate in state):
                break
            states[i] = state
    return states


def _simultaneous(system, state, h, critic_steps):
    state = [z + h * v for z, v in zip(state, system.field(*state))]
    return _clipped(system, state)


def _alternating(system, state, h, critic_steps):
    state = _moved(system, state, h, system.generator)
    for _ in range(critic_steps):
        state = _clipped(system, _moved(system, state, h, system.critic))
    return state


def _moved(system, state, h, player):
    v = system.field(*state)
    state = list(state)
    for k in player:
        state[k] = state[k] + h * v[k]
    return state


def _clipped(system, state):
    if system.clip is not None:
        for k in system.critic:
            state[k] = min(max(state[k], -system.clip), system.clip)
    return state
