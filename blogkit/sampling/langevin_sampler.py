"""Langevin sampling of exp(-E/T), unadjusted or Metropolis-adjusted, many chains at once."""

import dataclasses
import math
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from blogkit.ops import (
    collect,
    compiled,
    random_key,
    repeat,
    stateless_normal,
    stateless_uniform,
    value_and_gradient,
)
from blogkit.sampling import arguments
from blogkit.sampling.langevin_step import (
    clip,
    dual_averaging,
    langevin_step,
    metropolis_log_ratio,
    reflect,
)

NOISE, ACCEPT = 0, 1  # streams of random numbers
NEVER = 2**31 - 1
# An object of its own, so that `temperature=1.0` beside a noise scale is noticed.
DEFAULT_TEMPERATURE = float("1.0")


@dataclasses.dataclass(frozen=True, eq=False)
class LangevinSampler:
    """Draws from the density proportional to exp(-E(x)/T), given E and a start.

    `method="ula"`, the unadjusted Langevin algorithm, is one step after the other of

        x <- x - step_size * grad E(x) + noise_scale * z,   noise_scale = sqrt(2 step_size T).

    Its law tends to exp(-E/T) for small steps only: for E = lambda x^2 / 2 and T = 1 the
    variance is 1 / (lambda (1 - step_size lambda / 2)), and steps of 2 / lambda diverge.
    `method="mala"` accepts or rejects each such step (Besag 1994; Roberts and Tweedie 1996),
    which makes exp(-E/T) exact for any step size.

    Conventions: E is an energy, the negative log density; `step_size` multiplies its
    gradient, as in blackjax (tensorflow-probability's step is twice ours, kexue.fm/archives/6612
    calls it eps/2). Noise scale and step size set apart, as in openai/ebm_code_release
    (0.005 and 10), mean the temperature noise_scale^2 / (2 step_size), there 1.25e-6: almost
    plain descent.

    A call is one compiled loop, and calling again with the same shapes compiles nothing.
    An energy that is, or calls, a Keras model is taken with its present weights every time.
    Random numbers depend on the seed and the number of the step only: 1,000 steps are 500
    and, with `first_step=500`, another 500.

    Args:
        energy: Callable or Keras model, `(chains, ...) -> (chains,)`, differentiable.
        step_size: Positive number, or a schedule: a callable of the step's number, from 0,
            such as `keras.optimizers.schedules.ExponentialDecay`.
        temperature: T. Default 1; 0 is gradient descent (ula only).
        noise_scale: Factor of the noise, instead of a temperature (ula only).
        method: `"ula"` or `"mala"`.
        noise_first: Add the noise before the gradient is taken, not after, as
            openai/ebm_code_release does (ula only).
        clip_grad: Largest absolute value of a gradient's coordinate, or None (ula only).
        bounds: `(low, high)`, numbers or arrays that fit a state: the box to stay in.
        boundary: `"clip"` moves a step that leaves the box to its nearest point (ula only),
            `"reflect"` folds it back at the wall.

    Raises:
        ValueError: For a value out of range, for both `temperature` and `noise_scale`, and
            for what would break mala's detailed balance. `sample` and `adapt` raise it for
            `x0` outside `bounds`, for energies of the wrong shape, and for energies that are
            not finite; the error names the step and the chain.

    Example: the variance of a standard normal law, from chains that start at 0.

    >>> import numpy as np
    >>> from blogkit.sampling import LangevinSampler
    >>> sampler = LangevinSampler(lambda x: x[:, 0] ** 2 / 2, step_size=0.5, method="mala")
    >>> x = sampler.sample(np.zeros((10_000, 1), "float32"), num_steps=30, seed=0)
    >>> round(float(keras.ops.var(x)), 1)
    1.0
    """

    energy: Callable
    step_size: float | Callable
    temperature: float | None = DEFAULT_TEMPERATURE
    noise_scale: float | None = None
    method: str = "ula"
    noise_first: bool = False
    clip_grad: float | None = None
    bounds: tuple | None = None
    boundary: str = "clip"

    def __post_init__(self):
        if not callable(self.energy):
            raise ValueError(f"`energy` must be callable. Received: energy={self.energy!r}.")
        if not callable(self.step_size):
            arguments.check_positive("step_size", self.step_size)
        arguments.check_choice("method", self.method, arguments.METHODS)
        arguments.check_choice("boundary", self.boundary, arguments.BOUNDARIES)
        if self.noise_scale is not None:
            arguments.check_positive("noise_scale", self.noise_scale, or_zero=True)
            if self.temperature is not None and self.temperature is not DEFAULT_TEMPERATURE:
                raise ValueError(
                    "Give `temperature` or `noise_scale`, not both: noise_scale is sqrt(2 * "
                    f"step_size * temperature). Received: temperature={self.temperature!r}, "
                    f"noise_scale={self.noise_scale!r}."
                )
            self._set("temperature", None)
        else:
            arguments.check_positive("temperature", self.temperature, or_zero=True)
        if self.clip_grad is not None:
            arguments.check_positive("clip_grad", self.clip_grad)
        self._set("_box", arguments.check_bounds(self.bounds, self.boundary))
        if self.bounds is None and self.boundary == "reflect":
            raise ValueError("`boundary='reflect'` needs `bounds`, the walls. Received: bounds=None.")
        if self.method == "mala":
            arguments.check_mala(
                self.noise_scale, self.temperature, self.noise_first, self.clip_grad,
                self.bounds, self.boundary,
            )
        self._set("_run", compiled(self._steps, static=("length", "keep", "trace", "adapt")))
        self._set("_seen", set())

    def _set(self, name, value):
        object.__setattr__(self, name, value)  # frozen: compiled loops contain the settings

    def sample(
        self, x0, num_steps, *, seed, first_step=0, thin=None, trace=(), callback=None,
        callback_every=None,
    ):
        """Moves every chain by `num_steps` steps.

        Args:
            x0: Start, `(chains, ...)`, float32 or float64: the precision of all that follows.
            num_steps: Positive integer.
            seed: Non-negative integer.
            first_step: Number of the first step, to go on where a call with this seed ended.
            thin: None, or n to return the states after every n-th step.
            trace: Any of `"energy"`, `"accept"` (the probability, 1 for ula) and
                `"grad_norm"` (Euclidean, before clipping). Energy and gradient are those of
                the state after the step; with `noise_first` the gradient is the one it used.
            callback: `callback(step, x)`, called every `callback_every` steps (default: ten
                times in all) with the number of steps done and the states.

        Returns:
            The last states, `(chains, ...)`; with `thin` all that were asked for,
            `(num_steps / thin, chains, ...)`, the last states at the end. With `trace` a pair
            of that and a dict of tensors `(num_steps / thin, chains)`; without `thin` of every
            step. `"accept"` is the mean over the `thin` steps, the others are not averaged.
        """
        trace = arguments.check_trace(trace)
        x = self._start(x0, num_steps, first_step)
        arguments.check_thin(thin, num_steps)
        every = thin or 1
        block = num_steps
        if callback is not None:
            if callback_every is None:
                callback_every = max(num_steps // (10 * every), 1) * every
            arguments.check_count("callback_every", callback_every)
            if callback_every % every:
                raise ValueError(
                    "`thin` must divide `callback_every`. "
                    f"Received: thin={thin}, callback_every={callback_every}."
                )
            block = callback_every
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        records, done = [], 0
        while done < num_steps:
            count = min(block, num_steps - done)
            # Without records, steps are counted at run time: any number runs the same code.
            every, length = (thin or 1, count // (thin or 1)) if thin or trace else (count, 1)
            sizes = self._step_sizes(first_step + done, count, x)
            (x, _, _, failed, *_), outputs = self._run(
                x, keys, first_step + done, every, sizes, sizes, sizes,
                length=length, keep=thin is not None, trace=trace, adapt=False,
            )
            self._check_finite(failed)
            records.append(outputs)
            done += count
            if callback is not None:
                callback(first_step + done, x)
        columns = [c[0] if len(c) == 1 else ops.concatenate(c) for c in zip(*records)]
        samples = columns.pop(0) if thin else x
        return (samples, dict(zip(trace, columns))) if trace else samples

    def adapt(self, x0, num_steps, *, seed, target_accept=0.574):
        """Warms the chains up and finds mala's step size for an acceptance on the way.

        Dual averaging of the mean acceptance of all chains. While the step size moves, the
        chains do not sample exactly: use what comes after.

        Args:
            x0, num_steps, seed: As for `sample`.
            target_accept: 0.574 is best for many dimensions (Roberts and Rosenthal 1998).

        Returns:
            The last states and a sampler with the step size found.
        """
        if self.method != "mala" or callable(self.step_size):
            raise ValueError(
                "`adapt` is for method='mala' and a number as step_size. "
                f"Received: method={self.method!r}, step_size={self.step_size!r}."
            )
        if not 0 < target_accept < 1:
            raise ValueError(
                f"`target_accept` must be between 0 and 1. Received: target_accept={target_accept!r}."
            )
        x = self._start(x0, num_steps, 0)
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        log_start = self._scalar(math.log(self.step_size), x)
        target = self._scalar(target_accept, x)
        (x, _, _, failed, _, tuning), _ = self._run(
            x, keys, 0, num_steps, self._scalar(self.step_size, x), log_start, target,
            length=1, keep=False, trace=(), adapt=True,
        )
        self._check_finite(failed)
        step_size = math.exp(float(tuning[1]))
        sampler = dataclasses.replace(self, step_size=step_size)
        sampler._set("_run", self._run)  # compiled for every step size
        return x, sampler

    def _start(self, x0, num_steps, first_step):
        arguments.check_count("num_steps", num_steps)
        if first_step:
            arguments.check_count("first_step", first_step)
        x = ops.convert_to_tensor(x0)
        arguments.check_start(ops.convert_to_numpy(x), self._box)
        signature = tuple(x.shape), keras.backend.standardize_dtype(x.dtype)
        if signature not in self._seen:
            # Once outside compiled code: a model builds its weights here.
            self._evaluate(ops.stop_gradient(x))
            self._seen.add(signature)
        return x

    def _step_sizes(self, first, count, x):
        if not callable(self.step_size):
            return self._scalar(self.step_size, x)
        sizes = [float(self.step_size(i)) for i in range(first, first + count)]
        for i, size in enumerate(sizes, first):
            arguments.check_positive(f"step_size({i})", size)
        return ops.convert_to_tensor(np.array(sizes), x.dtype)

    def _scalar(self, value, x):
        return ops.convert_to_tensor(np.array(value), x.dtype)

    def _check_finite(self, failed):
        failed = ops.convert_to_numpy(failed)
        step = int(failed.min())
        if step == NEVER:
            return
        chains = np.flatnonzero(failed == step)
        when = "at the start" if step == 0 else f"after step {step}"
        raise ValueError(
            f"The energy is not finite {when} in chain {int(chains[0])}"
            f"{f' and {len(chains) - 1} more' if len(chains) > 1 else ''}. "
            f"Received: step_size={self.step_size!r}, clip_grad={self.clip_grad!r}. "
            "If the energy is right, take smaller steps, clip_grad or bounds."
        )

    # From here on compiled code.

    def _steps(
        self, x, keys, first, every, sizes, log_start, target, *, length, keep, trace, adapt
    ):
        """`length` times `every` steps, what is asked for recorded after each `every`."""
        gradient = ops.zeros_like(x)
        chains = ops.zeros_like(ops.reshape(x, (x.shape[0], -1))[:, 0])  # one 0 per chain
        # The number of steps after which a chain's energy was not finite.
        never = ops.cast(chains, "int32") + NEVER
        tuning = (log_start, log_start, ops.zeros_like(log_start)) if adapt else ()
        # Energy and gradient at the start come from an extra round of the loop that moves
        # nothing. Compiled apart from the loop they could end in another last digit, and two
        # halves would not be one call.
        extra = 0 if self.noise_first else 1

        def step(i, carry):
            x, energy, gradient, failed, accepted, tuning = carry
            starting = i < first
            if adapt:
                step_size = ops.exp(tuning[0])
            else:
                step_size = sizes[i - first] if len(sizes.shape) else sizes
            x, energy, gradient, log_ratio, fine = self._step(
                i, starting, x, energy, gradient, step_size, keys
            )
            failed = ops.minimum(failed, ops.where(fine, never, i + 1))
            if adapt or "accept" in trace:
                accept = ops.exp(ops.where(log_ratio < 0, log_ratio, chains))
            if adapt:
                count = ops.cast(i - first + 1, x.dtype)
                tuned = dual_averaging(*tuning, count, ops.mean(accept), target, log_start)
                tuning = tuple(_choose(starting, old, new) for old, new in zip(tuning, tuned))
            if "accept" in trace:
                accepted = _choose(starting, accepted, accepted + accept)
            return x, energy, gradient, failed, accepted, tuning

        def record(i, carry):
            x, energy, gradient, failed, _, tuning = carry
            carry = x, energy, gradient, failed, chains, tuning
            more = _choose(i == 0, extra, 0)
            carry = repeat(step, carry, first + i * every - more, every + more)
            x, energy, gradient, _, accepted, _ = carry
            values = {
                "energy": lambda: self._energies(x) if self.noise_first else energy,
                "accept": lambda: accepted / ops.cast(every, x.dtype),
                "grad_norm": lambda: _norm(gradient),
            }
            return carry, (*([x] if keep else []), *(values[name]() for name in trace))

        carry = x, chains, gradient, never, chains, tuning
        if keep or trace:
            like = (*([x] if keep else []), *(chains for _ in trace))
            carry, outputs = collect(record, carry, length, like)
        else:
            carry, outputs = repeat(step, carry, first - extra, every + extra), ()
        # All of it: of a loop whose gradient nobody sees XLA makes another loop, with other
        # last digits than the one that `trace` or `thin` asks for.
        return carry, outputs

    def _step(self, i, starting, x, energy, gradient, step_size, keys):
        """One step of every chain: new x, E, grad E, log of the ratio, and whether all is finite.

        If `starting`, only energy and gradient are new (not used with `noise_first`).
        """
        dtype = keras.backend.standardize_dtype(x.dtype)
        noise = stateless_normal(x.shape, keys[NOISE], i, dtype)
        scale = self.noise_scale
        if scale is None:
            scale = (2 * self.temperature * step_size) ** 0.5
        if self.noise_first:
            x = x + scale * noise
            energy, gradient = self._evaluate(x)
            x, _ = self._bounded(langevin_step(x, self._clipped(gradient), 0.0, step_size, 0.0))
            return x, energy, gradient, 0 * energy, ops.isfinite(energy + _norm(gradient))
        proposal = langevin_step(x, self._clipped(gradient), noise, step_size, scale)
        proposal, slope = self._bounded(proposal)
        proposal = _choose(starting, x, proposal)
        new_energy, new_gradient = self._evaluate(proposal)
        finite = ops.isfinite(new_energy)
        if self.method == "ula":
            return proposal, new_energy, new_gradient, 0 * energy, finite
        log_ratio = metropolis_log_ratio(
            energy, gradient, new_energy, slope * new_gradient, noise, step_size, self.temperature
        )
        # An infinite energy is a wall: not accepted. NaN is an error.
        log_ratio = ops.where(finite, log_ratio, -math.inf)
        taken = ops.log(stateless_uniform(energy.shape, keys[ACCEPT], i, dtype)) < log_ratio
        taken = ops.logical_or(taken, starting)
        wide = ops.reshape(taken, (-1, *[1] * (len(x.shape) - 1)))
        return (
            ops.where(wide, proposal, x),
            ops.where(taken, new_energy, energy),
            ops.where(wide, new_gradient, gradient),
            log_ratio,
            ops.logical_or(finite, ops.logical_and(new_energy > 0, ops.logical_not(starting))),
        )

    def _evaluate(self, x):
        energy, gradient = value_and_gradient(self.energy, x)
        return self._per_chain(energy, x), gradient

    def _energies(self, x):
        return self._per_chain(ops.convert_to_tensor(self.energy(x)), x)

    def _per_chain(self, energy, x):
        if tuple(energy.shape) != (x.shape[0],):
            raise ValueError(
                "The energy must return one value per chain. "
                f"Received: shape {tuple(energy.shape)} for x of shape {tuple(x.shape)}. "
                "Sum over every axis but the first."
            )
        return ops.cast(energy, x.dtype)

    def _clipped(self, gradient):
        if self.clip_grad is None:
            return gradient
        return clip(gradient, -self.clip_grad, self.clip_grad)

    def _bounded(self, x):
        """`x` within the box, and the slope of the fold for mala."""
        if self._box is None:
            return x, 1.0
        low, high = (ops.convert_to_tensor(bound, x.dtype) for bound in self._box)
        if self.boundary == "reflect":
            return reflect(x, low, high)
        return clip(x, low, high), 1.0


def _norm(x):
    return ops.sqrt(ops.sum(x * x, axis=tuple(range(1, len(x.shape)))))


def _choose(condition, a, b):
    """`a` if `condition`, else `b`; on torch steps are numbers and conditions plain."""
    if isinstance(condition, bool):
        return a if condition else b
    return ops.where(condition, a, b)
