"""Linear analysis at the equilibrium: Jacobian, eigenvalues, stable step sizes."""

import numpy as np
from numpy.typing import ArrayLike

from blogkit.checks import check_positive
from blogkit.gan_theory import arguments
from blogkit.gan_theory.dynamics.system import System

# Central differences of order 6.
OFFSETS = np.array([-3, -2, -1, 1, 2, 3])
FACTORS = np.array([-1, 9, -45, 45, -9, 1]) / 60


def jacobian(system: System, state: ArrayLike | None = None) -> np.ndarray:
    """dv/dz at a state, by default at the equilibrium 0, to about 1e-13.

    Args:
        system: A `System`.
        state: A state, or None.

    Returns:
        Array `(size, size)`.

    Raises:
        ValueError: If there is no equilibrium, or if the field has no derivative there, as
            for WGAN-GP with a positive target at psi = 0.
    """
    if state is None:
        if not system.equilibrium:
            raise ValueError(
                f"'{system.name}' has no equilibrium: its field does not vanish there. Give a state."
            )
        state = np.zeros(system.size)
    state = np.asarray(state, "float64")
    if system.smooth or state.any():
        return _differences(system, state, 5e-3)
    # At 0 nothing is lost to rounding, and with such steps higher powers vanish.
    found, other = (_differences(system, state, step) for step in (1e-60, 1e-70))
    if not np.allclose(found, other, rtol=1e-6, atol=1e-12):
        raise ValueError(f"'{system.name}' has no derivative at {state.tolist()}: there is no Jacobian.")
    return found


def _differences(system, state, step):
    moves = step * OFFSETS[:, None, None] * np.eye(system.size)
    with np.errstate(all="ignore"):
        return np.einsum("o,ojv->vj", FACTORS, system(state + moves)) / step


def eigenvalues(system: System, state: ArrayLike | None = None) -> np.ndarray:
    """Eigenvalues of `jacobian(system, state)`: the flow contracts if all real parts are < 0.

    Returns:
        Complex array `(size,)`, sorted by real, then imaginary part; at a double root exact to
        the square root of rounding only, about 1e-8.
    """
    return np.sort_complex(np.linalg.eigvals(jacobian(system, state)))


def update_matrix(
    system: System, step_size: float, updates: str = "simultaneous", critic_steps: int = 1
) -> np.ndarray:
    """The linear part F of one discrete update at the equilibrium.

    With the Jacobian J and the projections G and C onto the players' coordinates:
    F = I + h J for simultaneous updates, F = (I + h C J)^critic_steps (I + h G J) for
    alternating ones, the generator first.

    Returns:
        Array `(size, size)`.

    Raises:
        ValueError: As `jacobian` and `discretise`.
    """
    h = check_positive("step_size", step_size)
    arguments.check_updates(updates=updates, critic_steps=critic_steps)
    matrix, one = jacobian(system), np.eye(system.size)
    if updates == "simultaneous":
        return one + h * matrix
    generator, critic = (
        np.diag([1.0 * (k in player) for k in range(system.size)])
        for player in (system.generator, system.critic)
    )
    return np.linalg.matrix_power(one + h * critic @ matrix, critic_steps) @ (one + h * generator @ matrix)


def update_eigenvalues(
    system: System, step_size: float, updates: str = "simultaneous", critic_steps: int = 1
) -> np.ndarray:
    """Eigenvalues of `update_matrix`: the steps contract if all are inside the unit circle.

    Example: simultaneous steps leave the circle, alternating ones stay on it.

    >>> from blogkit.gan_theory import dirac_gan, update_eigenvalues
    >>> gan = dirac_gan("gan")
    >>> [float(abs(update_eigenvalues(gan, 0.2, u)).max().round(6)) for u in ("simultaneous", "alternating")]
    [1.004988, 1.0]
    """
    return np.sort_complex(np.linalg.eigvals(update_matrix(system, step_size, updates, critic_steps)))


def largest_stable_step(
    system: System, updates: str = "simultaneous", critic_steps: int = 1, highest: float = 100.0
) -> float:
    """The step size up to which all smaller steps contract, 0 if none does.

    Found on a grid of ratio 1.02 and by bisection. For R1 the closed forms are: simultaneous
    gamma / f'(0)^2 while the eigenvalues are complex; alternating h^2 f'(0)^2 + 2 h gamma = 4.

    Args:
        system, updates, critic_steps: As for `discretise`.
        highest: Largest step size tried.

    Returns:
        The step size, accurate to 1e-9 relatively, or `highest`.
    """

    def stable(h):
        return abs(update_eigenvalues(system, h, updates, critic_steps)).max() < 1 - 1e-13

    grid = np.geomspace(1e-3, highest, 1 + int(np.log(highest / 1e-3) / np.log(1.02)))
    first = next((i for i, h in enumerate(grid) if not stable(h)), None)
    if first is None:
        return float(highest)
    if first == 0:
        return 0.0
    low, high = grid[first - 1], grid[first]
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if stable(middle) else (low, middle)
    return float(low)
