"""f-divergences: definition, dual, and the activation that a critic needs to estimate one."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from blogkit.gan_theory.divergences import arguments


@dataclasses.dataclass(frozen=True, eq=False)
class FDivergence:
    """D_f(p|q) = sum q f(p/q) = sup_T E_p[T] - E_q[f*(T)], for a convex f.

    Nowozin, Cseke and Tomioka 2016, "f-GAN" (arXiv:1606.00709), eqs. 2 to 5. The supremum is
    attained by T* = f'(p/q), and f*(t) = sup over u >= 0 of u t - f(u) is finite for t up to
    the slope of f at infinity. `f_divergence` returns objects of this class.

    Args:
        name: As in `f_divergence(name)`.
        formula: f, as text for display.
        generator: f for 0 < u < inf, on arrays.
        derivative: f' for 0 < u < inf.
        conjugate_formula: f* inside the domain.
        activation_formula: g_f, which maps any real number into the domain of f*.
        at_zero: f(0), possibly inf: the cost of a point where p is 0.
        slope_at_infinity: lim f(u)/u, possibly inf: the cost of a point where q is 0. Also the
            upper end of the domain of f*.
        closed: Whether f* is finite at that end.
        lower: Lower end of the domain, only for total variation.

    Example: both sides for two coins.

    >>> import numpy as np
    >>> from blogkit.gan_theory import f_divergence
    >>> kl = f_divergence("kl")
    >>> p, q = np.array([0.5, 0.5]), np.array([0.8, 0.2])
    >>> T = kl.optimal_critic(p / q)
    >>> round(kl.divergence(p, q), 6), round(kl.variational_value(T, T, p, q), 6)
    (0.223144, 0.223144)
    """

    name: str
    formula: str
    generator: Callable
    derivative: Callable
    conjugate_formula: Callable
    activation_formula: Callable
    at_zero: float
    slope_at_infinity: float
    closed: bool = False
    lower: float = -math.inf

    @property
    def domain(self) -> str:
        """Where f* is finite, as text such as `t < 0`."""
        upper = self.slope_at_infinity
        if math.isinf(upper):
            return "all real numbers"
        end = f"t {'<=' if self.closed else '<'} {upper:.6g}"
        return end if math.isinf(self.lower) else f"{self.lower:.6g} <= {end}"

    def in_domain(self, t: ArrayLike) -> np.ndarray:
        """Whether f* is finite at each `t`, an array of booleans."""
        t, upper = np.asarray(t, "float64"), self.slope_at_infinity
        below = t <= upper if self.closed else t < upper
        return below & (t >= self.lower) & np.isfinite(t)

    def f(self, u: ArrayLike) -> np.ndarray:
        """f(u), for u >= 0; `at_zero` at 0.

        Raises:
            ValueError: For a ratio that is negative or not finite.
        """
        u = arguments.check_finite("u", u)
        if (u < 0).any():
            raise ValueError(f"`u` must be a ratio of densities, u >= 0. Received: u={u.min():.6g}.")
        return np.where(u > 0, self.generator(np.where(u > 0, u, 1.0)), self.at_zero)

    def conjugate(self, t: ArrayLike) -> np.ndarray:
        """f*(t) = sup over u >= 0 of u t - f(u).

        Raises:
            ValueError: If a `t` is outside the domain, where f* is infinite.
        """
        t = np.asarray(t, "float64")
        self._check_domain(t)
        return self.conjugate_formula(t)

    def _check_domain(self, t):
        outside = ~self.in_domain(t)
        if outside.any():
            raise ValueError(
                f"The critic leaves the domain of the conjugate of '{self.name}', {self.domain}. "
                f"Received: {t[outside].flat[0]:.6g} and {int(outside.sum()) - 1} more of {t.size} values. "
                "Pass the network's output through `activation`."
            )

    def optimal_critic(self, u: ArrayLike) -> np.ndarray:
        """T* = f'(u) for the ratio u = p/q > 0."""
        u = arguments.check_finite("u", u)
        if (u <= 0).any():
            raise ValueError(f"`u` must be a positive ratio p/q. Received: u={u.min():.6g}.")
        return self._inside(self.derivative(u))

    def activation(self, v: ArrayLike) -> np.ndarray:
        """g_f(v): maps the output of an unconstrained network into the domain of f*."""
        return self._inside(self.activation_formula(arguments.check_finite("v", v)))

    def divergence(self, p: ArrayLike, q: ArrayLike, weights: ArrayLike | None = None) -> float:
        """D_f(p|q) by its definition: the sum of weights * q * f(p/q).

        Args:
            p, q: Densities at the nodes of a grid, or probabilities; arrays of one shape.
            weights: Weights of the nodes, as `quadrature` returns them; None for probabilities.

        Returns:
            A number; inf if one of them is 0 where the other is not and f makes that infinite.

        Raises:
            ValueError: For negative values, different shapes and total probabilities other than 1.
        """
        p, q, weights = arguments.check_distributions(p, q, weights)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = p / q
        both = (ratio > 0) & np.isfinite(ratio)
        terms = q * self.generator(np.where(both, ratio, 1.0))
        for density, alone, cost in (
            (p, ~both & (p > q), self.slope_at_infinity),
            (q, ~both & (q > p), self.at_zero),
        ):
            if not alone.any():
                continue
            if math.isinf(cost):
                return math.inf
            terms = np.where(alone, density * cost, terms)
        return float((weights * terms).sum())

    def variational_value(
        self,
        critic_on_p: ArrayLike,
        critic_on_q: ArrayLike,
        p_weights: ArrayLike | None = None,
        q_weights: ArrayLike | None = None,
    ) -> float:
        """E_p[T] - E_q[f*(T)] of a critic T, at most the divergence.

        Args:
            critic_on_p: T at samples of p, or at the nodes of a grid.
            critic_on_q: T at samples of q, or at the same nodes.
            p_weights, q_weights: None for samples; on a grid the density times the weight of
                the node.

        Returns:
            A number: for samples an estimate, on a grid a lower bound.

        Raises:
            ValueError: If T leaves the domain of f*, at samples of p too: outside it the value is
                not a bound. For weights of another shape or a sum other than 1.
        """
        on_p = arguments.check_finite("critic_on_p", critic_on_p).ravel()
        on_q = arguments.check_finite("critic_on_q", critic_on_q).ravel()
        self._check_domain(on_p)
        p_weights = arguments.check_weights(
            "p_weights", None if p_weights is None else np.ravel(p_weights), on_p.size
        )
        q_weights = arguments.check_weights(
            "q_weights", None if q_weights is None else np.ravel(q_weights), on_q.size
        )
        return float(p_weights @ on_p - q_weights @ self.conjugate(on_q))

    def _inside(self, t):
        """`t` clipped to the domain: rounding may have put it on an open end."""
        largest = np.finfo("float64").max
        upper = self.slope_at_infinity
        end = largest if math.isinf(upper) else upper if self.closed else np.nextafter(upper, -np.inf)
        return np.clip(t, max(self.lower, -largest), end)
