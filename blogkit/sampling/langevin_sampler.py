"""Langevin sampling of exp(-E/T), unadjusted or Metropolis-adjusted, many chains at once."""

import dataclasses
import math
from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_positive
from blogkit.ops import random_key
from blogkit.sampling import arguments
from blogkit.sampling.langevin_loop import NEVER, LangevinLoop

NOISE, ACCEPT = 0, 1  # streams of random numbers


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
        temperature: T. None means 1, unless `noise_scale` is given; 0 is gradient descent
            (ula only).
        noise_scale: Factor of the noise, instead of a temperature (ula only). None means
            sqrt(2 * step_size * temperature).
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
            `x0` outside `bounds`, for energies of the wrong shape, and for an energy or a
            gradient that is not finite (mala takes an energy of +inf for a wall); the error
            names the step and the chain.

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
    temperature: float | None = None
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
            check_positive("step_size", self.step_size)
        arguments.check_choice("method", self.method, arguments.METHODS)
        arguments.check_choice("boundary", self.boundary, arguments.BOUNDARIES)
        if self.noise_scale is None:
            if self.temperature is None:
                self._set("temperature", 1.0)
            check_positive("temperature", self.temperature, or_zero=True)
        else:
            arguments.check_noise_scale(self.noise_scale, self.temperature)
        if self.clip_grad is not None:
            check_positive("clip_grad", self.clip_grad)
        box = arguments.check_bounds(self.bounds, self.boundary)
        if self.method == "mala":
            arguments.check_mala(
                self.noise_scale,
                self.temperature,
                self.noise_first,
                self.clip_grad,
                self.bounds,
                self.boundary,
            )
        self._set("_box", box)
        self._set(
            "_loop",
            LangevinLoop(
                self.energy,
                self.method,
                self.temperature,
                self.noise_scale,
                self.noise_first,
                self.clip_grad,
                box,
                self.boundary,
            ),
        )
        self._set("_seen", set())

    def _set(self, name, value):
        object.__setattr__(self, name, value)  # frozen: the compiled loop contains the settings

    def sample(
        self,
        x0,
        num_steps,
        *,
        seed,
        first_step=0,
        thin=None,
        trace=(),
        callback=None,
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
                times in all) with the number of steps done, `first_step` included, and the states.

        Returns:
            The last states, `(chains, ...)`; with `thin` all that were asked for,
            `(num_steps / thin, chains, ...)`, the last states at the end. With `trace` a pair
            of that and a dict of tensors `(num_steps / thin, chains)`; without `thin` of every
            step. `"accept"` is the mean over the `thin` steps, the others are not averaged.

        Raises:
            ValueError: For bad arguments, and if an energy or a gradient is not finite.
        """
        trace = arguments.check_trace(trace)
        x = self._start(x0, num_steps, first_step)
        arguments.check_thin(thin, num_steps)
        # NumPy's integers would become 64-bit tensors in compiled code.
        num_steps, first_step, thin = int(num_steps), int(first_step), thin and int(thin)
        every = thin or 1
        block = num_steps
        if callback is not None:
            if callback_every is None:
                callback_every = max(num_steps // (10 * every), 1) * every
            check_count("callback_every", callback_every)
            if callback_every % every:
                raise ValueError(
                    "`thin` must divide `callback_every`. "
                    f"Received: thin={thin}, callback_every={callback_every}."
                )
            block = int(callback_every)
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        blocks, done = [], 0
        while done < num_steps:
            count = min(block, num_steps - done)
            # Without records, steps are counted at run time: any number runs the same code.
            every, length = (thin or 1, count // (thin or 1)) if thin or trace else (count, 1)
            x, failed, _, records = self._loop.run(
                x,
                keys,
                first_step + done,
                every,
                self._step_sizes(first_step + done, count, x),
                length=length,
                keep=thin is not None,
                trace=trace,
            )
            self._check_finite(failed)
            blocks.append(records)
            done += count
            if callback is not None:
                callback(first_step + done, x)
        columns = [c[0] if len(c) == 1 else ops.concatenate(c) for c in zip(*blocks)]
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

        Raises:
            ValueError: As `sample`, for another method, and for a schedule as step size.
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
        x, num_steps = self._start(x0, num_steps, 0), int(num_steps)
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        tuning = self._scalar(math.log(self.step_size), x), self._scalar(target_accept, x)
        x, failed, log_step_size, _ = self._loop.run(
            x, keys, 0, num_steps, self._scalar(self.step_size, x), tuning
        )
        self._check_finite(failed)
        return x, self.with_step_size(math.exp(float(log_step_size)))

    def with_step_size(self, step_size):
        """The same sampler with another step size or schedule, without a new compilation."""
        sampler = dataclasses.replace(self, step_size=step_size)
        sampler._set("_loop", self._loop)  # compiled for every step size
        sampler._set("_seen", self._seen)
        return sampler

    def _start(self, x0, num_steps, first_step):
        check_count("num_steps", num_steps)
        check_count("first_step", first_step, 0)
        x = ops.convert_to_tensor(x0)
        arguments.check_start(ops.convert_to_numpy(x), self._box)
        signature = tuple(x.shape), keras.backend.standardize_dtype(x.dtype)
        if signature not in self._seen:
            # Once outside compiled code: a model builds its weights here.
            self._loop.energies(ops.stop_gradient(x))
            self._seen.add(signature)
        return x

    def _step_sizes(self, first, count, x):
        if not callable(self.step_size):
            return self._scalar(self.step_size, x)
        sizes = [float(self.step_size(i)) for i in range(first, first + count)]
        for i, size in enumerate(sizes, first):
            check_positive(f"step_size({i})", size)
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
            f"The energy or its gradient is not finite {when} in chain {int(chains[0])}"
            f"{f' and {len(chains) - 1} more' if len(chains) > 1 else ''}. "
            f"Received: step_size={self.step_size!r}, clip_grad={self.clip_grad!r}. "
            "If the energy is right, take smaller steps, clip_grad or bounds."
        )
