"""Wasserstein-1 between points of any dimension: Kantorovich's primal and dual linear programs."""

import numpy as np
from numpy.typing import ArrayLike

from blogkit.extras import import_extra
from blogkit.gan_theory.divergences.arguments import check_finite, check_weights


def wasserstein_primal(
    x: ArrayLike, y: ArrayLike, x_weights: ArrayLike | None = None, y_weights: ArrayLike | None = None
) -> tuple[float, np.ndarray]:
    """W1 as the cost of the optimal transport plan: min over plans pi of the sum of pi_ij |x_i - y_j|.

    Args:
        x, y: Points, arrays `(n, dimensions)` and `(m, dimensions)`, or `(n,)` and `(m,)`.
        x_weights, y_weights: Their probabilities; None for uniform ones.

    Returns:
        The distance and the plan, an array `(n, m)` whose row sums are `x_weights` and whose
        column sums are `y_weights`. The program has n m unknowns: a few hundred points each.

    Raises:
        ValueError: For points of different dimensions and weights that do not sum to 1.
        ModuleNotFoundError: Without SciPy, of the extra `theory`.

    Example: two points are moved to two others.

    >>> from blogkit.gan_theory import wasserstein_primal
    >>> distance, plan = wasserstein_primal([[0, 0], [0, 2]], [[0, 1], [3, 6]])
    >>> round(distance, 6)
    3.0
    """
    x, y, x_weights, y_weights = _checked(x, y, x_weights, y_weights)
    n, m = len(x), len(y)
    optimize = import_extra("scipy.optimize", needed_by="wasserstein_primal")
    sparse = import_extra("scipy.sparse", needed_by="wasserstein_primal")
    rows = sparse.kron(sparse.eye_array(n), np.ones((1, m)))
    columns = sparse.kron(np.ones((1, n)), sparse.eye_array(m))
    found = _solved(
        optimize.linprog(
            _distances(x, y).ravel(),
            A_eq=sparse.vstack([rows, columns]).tocsr(),
            b_eq=np.concatenate([x_weights, y_weights]),
        )
    )
    return float(found.fun), found.x.reshape(n, m)


def wasserstein_dual(
    x: ArrayLike, y: ArrayLike, x_weights: ArrayLike | None = None, y_weights: ArrayLike | None = None
) -> tuple[float, np.ndarray, np.ndarray]:
    """W1 as the value of the optimal critic: max over 1-Lipschitz T of E_x[T] - E_y[T].

    The potentials are unknowns at all points, with |T(a) - T(b)| <= |a - b| for each pair:
    the problem that WGAN's critic solves with a network.

    Args:
        x, y, x_weights, y_weights: As for `wasserstein_primal`.

    Returns:
        The distance and T at the points of `x` and of `y`, arrays `(n,)` and `(m,)`, with
        T = 0 at the first point of `x`.

    Example: on a line, T falls with slope 1 in the direction of the transport.

    >>> from blogkit.gan_theory import wasserstein_dual
    >>> distance, on_x, on_y = wasserstein_dual([0.0, 1.0], [2.0, 4.0])
    >>> round(distance, 6), [round(float(t), 6) for t in (*on_x, *on_y)]
    (2.5, [0.0, -1.0, -2.0, -4.0])
    """
    x, y, x_weights, y_weights = _checked(x, y, x_weights, y_weights)
    optimize = import_extra("scipy.optimize", needed_by="wasserstein_dual")
    sparse = import_extra("scipy.sparse", needed_by="wasserstein_dual")
    points = np.concatenate([x, y])
    first, second = (~np.eye(len(points), dtype=bool)).nonzero()  # ordered pairs
    pairs = np.arange(len(first))
    matrix = sparse.coo_array((np.ones(len(pairs)), (pairs, first)), (len(pairs), len(points)))
    matrix = matrix - sparse.coo_array((np.ones(len(pairs)), (pairs, second)), matrix.shape)
    bounds = [(0, 0)] + [(None, None)] * (len(points) - 1)
    found = _solved(
        optimize.linprog(
            np.concatenate([-x_weights, y_weights]),
            A_ub=matrix.tocsr(),
            b_ub=_distances(points, points)[first, second],
            bounds=bounds,
        )
    )
    return -float(found.fun), found.x[: len(x)], found.x[len(x) :]


def _checked(x, y, x_weights, y_weights):
    x, y = (
        points[:, None] if points.ndim == 1 else points
        for points in (check_finite("x", x), check_finite("y", y))
    )
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or not len(x) or not len(y):
        raise ValueError(
            "`x` and `y` must be points of one space, (n, dimensions) and (m, dimensions). "
            f"Received: shapes {x.shape} and {y.shape}."
        )
    return x, y, check_weights("x_weights", x_weights, len(x)), check_weights("y_weights", y_weights, len(y))


def _distances(x, y):
    return np.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))


def _solved(found):
    if found.status != 0:
        raise RuntimeError(f"The linear program was not solved: {found.message}")
    return found
