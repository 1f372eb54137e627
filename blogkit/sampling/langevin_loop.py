"""The compiled loop of LangevinSampler: many steps of many chains, with recorded states and traces."""

import math
from collections.abc import Callable

import keras
from keras import ops

from blogkit.ops import (
    collect,
    compiled,
    repeat,
    stateless_normal,
    stateless_uniform,
    value_and_gradient,
)
from blogkit.sampling.arguments import NEVER
from blogkit.sampling.langevin_step import (
    clip,
    dual_averaging,
    langevin_step,
    metropolis_log_ratio,
    reflect,
)


class LangevinLoop:
    """Runs steps of Langevin dynamics with settings that `LangevinSampler` has checked.

    The settings are compiled in; states, keys, step sizes and step numbers are arguments.

    Args:
        energy, method, temperature, noise_scale, noise_first, clip_grad, boundary: Those of
            `LangevinSampler`; exactly one of `temperature` and `noise_scale` is None.
        box: None or `(low, high)`, arrays of one shape.
    """

    def __init__(
        self,
        *,
        energy: Callable,
        method: str,
        temperature: float | None,
        noise_scale: float | None,
        noise_first: bool,
        clip_grad: float | None,
        box: tuple | None,
        boundary: str,
    ):
        self.energy = energy
        self.method = method
        self.temperature = temperature
        self.noise_scale = noise_scale
        self.noise_first = noise_first
        self.clip_grad = clip_grad
        self.box = box
        self.boundary = boundary
        self._compiled = compiled(self._steps, static=("length", "keep", "trace"))

    def run(
        self,
        x,
        keys: tuple,
        first: int,
        every: int,
        step_sizes,
        tuning: tuple = (),
        *,
        length: int = 1,
        keep: bool = False,
        trace: tuple[str, ...] = (),
    ):
        """Runs `length` times `every` steps and keeps a record after each `every` steps.

        Args:
            x: States, `(chains, ...)`.
            keys: Keys of the noise and of the acceptance, from `random_key`.
            first: Number of the first step.
            every: Number of steps from one record to the next.
            step_sizes: Tensor, a scalar or one value per step.
            tuning: Empty, or `(log_step_size, target_accept)`: dual averaging starts there and
                sets the step sizes.
            length: Number of records.
            keep: Whether to record the states.
            trace: Names of other quantities to record, as for `LangevinSampler.sample`.

        Returns:
            The last states `(chains, ...)`; for each chain the number of steps after which
            its energy was first not finite, or `NEVER`; the log of the step size found, or
            None; and the records, each with a first axis of `length`.
        """
        carry, records = self._compiled(
            x, keys, first, every, step_sizes, tuning, length=length, keep=keep, trace=trace
        )
        x, _, _, failed, _, tuned = carry
        return x, failed, tuned[1] if tuned else None, records

    def energies(self, x):
        """The energy of each chain, `(chains,)`."""
        return self._per_chain(ops.convert_to_tensor(self.energy(x)), x)

    def _steps(self, x, keys, first, every, step_sizes, tuning, *, length, keep, trace):
        gradient = ops.zeros_like(x)
        chains = ops.zeros_like(ops.reshape(x, (x.shape[0], -1))[:, 0])  # one 0 per chain
        never = ops.cast(chains, "int32") + NEVER
        tuned = (tuning[0], tuning[0], ops.zeros_like(tuning[0])) if tuning else ()
        # Energy and gradient at the start come from an extra iteration that moves nothing.
        # Compiled outside the loop they could differ in the last digit, and two calls of half
        # the steps would not equal one call.
        extra = 0 if self.noise_first else 1

        def step(i, carry):
            x, energy, gradient, failed, accepted, tuned = carry
            starting = i < first
            if tuning:
                step_size = ops.exp(tuned[0])
            else:
                step_size = step_sizes[i - first] if len(step_sizes.shape) else step_sizes
            x, energy, gradient, log_ratio, fine = self._step(
                i, starting, x, energy, gradient, step_size, keys
            )
            failed = ops.minimum(failed, ops.where(fine, never, i + 1))
            if tuning or "accept" in trace:
                accept = ops.exp(ops.where(log_ratio < 0, log_ratio, chains))
            if tuning:
                log_start, target = tuning
                count = ops.cast(i - first + 1, x.dtype)
                update = dual_averaging(*tuned, count, ops.mean(accept), target, log_start)
                tuned = tuple(_choose(starting, old, new) for old, new in zip(tuned, update))
            if "accept" in trace:
                accepted = _choose(starting, accepted, accepted + accept)
            return x, energy, gradient, failed, accepted, tuned

        def record(i, carry):
            x, energy, gradient, failed, _, tuned = carry
            carry = x, energy, gradient, failed, chains, tuned
            more = _choose(i == 0, extra, 0)
            carry = repeat(step, carry, first + i * every - more, every + more)
            x, energy, gradient, _, accepted, _ = carry
            values = {
                "energy": lambda: self.energies(x) if self.noise_first else energy,
                "accept": lambda: accepted / ops.cast(every, x.dtype),
                "grad_norm": lambda: _norm(gradient),
            }
            return carry, (*([x] if keep else []), *(values[name]() for name in trace))

        carry = x, chains, gradient, never, chains, tuned
        if keep or trace:
            like = (*([x] if keep else []), *(chains for _ in trace))
            return collect(record, carry, length, like)
        # The whole carry is returned: XLA compiles a loop with an unused gradient differently,
        # and its last digits would differ from those of the loop with `trace` or `thin`.
        return repeat(step, carry, first - extra, every + extra), ()

    def _step(self, i, starting, x, energy, gradient, step_size, keys):
        """One step of every chain: new x, E, grad E, log acceptance ratio, whether all are finite.

        If `starting`, x stays and only energy and gradient are new (not used with `noise_first`).
        """
        noise_key, accept_key = keys
        dtype = keras.backend.standardize_dtype(x.dtype)
        noise = stateless_normal(x.shape, noise_key, i, dtype)
        scale = self.noise_scale
        if scale is None:
            scale = (2 * self.temperature * step_size) ** 0.5
        if self.noise_first:
            x = x + scale * noise
            energy, gradient = self._evaluate(x)
            x, _ = self._bounded(langevin_step(x, self._clipped(gradient), 0.0, step_size, 0.0))
            fine = ops.isfinite(energy + _norm(gradient))
            return x, energy, gradient, ops.zeros_like(energy), fine
        proposal = langevin_step(x, self._clipped(gradient), noise, step_size, scale)
        proposal, slope = self._bounded(proposal)
        proposal = _choose(starting, x, proposal)
        new_energy, new_gradient = self._evaluate(proposal)
        if self.method == "ula":
            # A gradient that is not finite makes the energy of the next step not finite.
            return proposal, new_energy, new_gradient, ops.zeros_like(energy), ops.isfinite(new_energy)
        log_ratio = metropolis_log_ratio(
            energy, gradient, new_energy, slope * new_gradient, noise, step_size, self.temperature
        )
        # An infinite energy is a wall: never accepted, and no chain may start there. NaN is an error.
        wall = new_energy == math.inf
        log_ratio = ops.where(wall, -math.inf, log_ratio)
        defined = ops.logical_and(new_energy > -math.inf, ops.logical_not(ops.isnan(log_ratio)))
        taken = ops.log(stateless_uniform(energy.shape, accept_key, i, dtype)) < log_ratio
        taken = ops.logical_or(taken, starting)
        wide = ops.reshape(taken, (-1, *[1] * (len(x.shape) - 1)))
        return (
            ops.where(wide, proposal, x),
            ops.where(taken, new_energy, energy),
            ops.where(wide, new_gradient, gradient),
            log_ratio,
            ops.logical_and(defined, ops.logical_not(ops.logical_and(wall, starting))),
        )

    def _evaluate(self, x):
        energy, gradient = value_and_gradient(self.energy, x)
        return self._per_chain(energy, x), gradient

    def _per_chain(self, energy, x):
        if tuple(energy.shape) != (x.shape[0],):
            raise ValueError(
                "`energy` must return one value per chain. "
                f"Received: shape {tuple(energy.shape)} for x of shape {tuple(x.shape)}. "
                "Sum over every axis but the first, or end the model with `keras.layers.Reshape(())`."
            )
        return ops.cast(energy, x.dtype)

    def _clipped(self, gradient):
        if self.clip_grad is None:
            return gradient
        # A tensor, because torch converts a Python number to float32.
        limit = ops.convert_to_tensor(self.clip_grad, gradient.dtype)
        return clip(gradient, -limit, limit)

    def _bounded(self, x):
        """`x` inside the box, and the slope of the reflection for mala."""
        if self.box is None:
            return x, 1.0
        low, high = (ops.convert_to_tensor(bound, x.dtype) for bound in self.box)
        if self.boundary == "reflect":
            return reflect(x, low, high)
        return clip(x, low, high), 1.0


def _norm(x):
    return ops.sqrt(ops.sum(x * x, axis=tuple(range(1, len(x.shape)))))


def _choose(condition, a, b):
    """`a` if `condition`, else `b`; on torch step numbers are Python integers and conditions bools."""
    if isinstance(condition, bool):
        return a if condition else b
    return ops.where(condition, a, b)
