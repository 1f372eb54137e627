"""Langevin sampling of exp(-E/T), unadjusted or Metropolis-adjusted, many chains at once."""

import copy
import math
from collections.abc import Callable, Sequence
from operator import attrgetter

import keras
import numpy as np
from keras import ops

from blogkit.checks import check_count, check_positive
from blogkit.ops import random_key
from blogkit.sampling import arguments
from blogkit.sampling.langevin_loop import LangevinLoop

NOISE, ACCEPT = 0, 1  # streams of random numbers


class LangevinSampler:
    """Draws from the density proportional to exp(-E(x)/T), given E and initial states.

    `method="ula"`, the unadjusted Langevin algorithm, repeats the step

        x <- x - step_size * grad E(x) + noise_scale * z,   noise_scale = sqrt(2 step_size T).

    Its stationary distribution tends to exp(-E/T) for small steps only: for E = lambda x^2 / 2
    and T = 1 the variance is 1 / (lambda (1 - step_size lambda / 2)), and step sizes from
    2 / lambda on diverge. `method="mala"` accepts or rejects each step (Besag 1994; Roberts and
    Tweedie 1996), which makes exp(-E/T) exact for any step size.

    Conventions: E is an energy, the negative log density; `step_size` multiplies its
    gradient, as in blackjax (tensorflow-probability's step is twice ours, kexue.fm/archives/6612
    calls it eps/2). A noise scale and a step size set independently, as in
    openai/ebm_code_release (0.005 and 10), imply the temperature noise_scale^2 / (2 step_size),
    there 1.25e-6: almost plain gradient descent.

    A call runs one compiled loop; another call with the same shapes compiles nothing. An energy
    that is, or calls, a Keras model uses the model's current weights. Random numbers depend on
    the seed and the step number only: 1,000 steps equal 500 steps followed by 500 more with
    `first_step=500`. The settings are read-only, because they are compiled in.

    Args:
        energy: Callable or Keras model, `(chains, ...) -> (chains,)`, differentiable.
        step_size: Positive number, or a schedule: a callable of the step number, from 0,
            such as `keras.optimizers.schedules.ExponentialDecay`.
        temperature: T. None means 1, unless `noise_scale` is given; 0 is gradient descent
            (ula only).
        noise_scale: Factor of the noise, instead of a temperature (ula only). None means
            sqrt(2 * step_size * temperature).
        method: `"ula"` or `"mala"`.
        noise_first: Whether to add the noise before the gradient is taken, as
            openai/ebm_code_release does (ula only).
        clip_grad: Largest absolute value of a gradient coordinate, or None (ula only).
        bounds: `(low, high)`, numbers or arrays that fit a state: the box to stay in.
        boundary: `"clip"` moves a step that leaves the box to the nearest point in it (ula only),
            `"reflect"` reflects it at the wall.

    Raises:
        ValueError: For a value out of range, for both `temperature` and `noise_scale`, and
            for settings that break the detailed balance of mala. `sample` and `adapt` raise it
            for `x0` outside `bounds`, for energies of the wrong shape, and for an energy or a
            gradient that is not finite (mala treats an energy of +inf as a wall); the error
            names the step and the chain.

    Example: the variance of a standard normal distribution, from chains that start at 0.

    >>> import numpy as np
    >>> from blogkit.sampling import LangevinSampler
    >>> sampler = LangevinSampler(lambda x: x[:, 0] ** 2 / 2, step_size=0.5, method="mala")
    >>> x = sampler.sample(np.zeros((10_000, 1), "float32"), num_steps=30, seed=0)
    >>> round(float(keras.ops.var(x)), 1)
    1.0
    """

    def __init__(
        self,
        energy: Callable,
        step_size: float | Callable,
        temperature: float | None = None,
        noise_scale: float | None = None,
        method: str = "ula",
        noise_first: bool = False,
        clip_grad: float | None = None,
        bounds: tuple | None = None,
        boundary: str = "clip",
    ):
        if not callable(energy):
            raise ValueError(f"`energy` must be callable. Received: energy={energy!r}.")
        arguments.check_choice("method", method, arguments.METHODS)
        arguments.check_choice("boundary", boundary, arguments.BOUNDARIES)
        if temperature is None and noise_scale is None:
            temperature = 1.0
        arguments.check_noise(temperature=temperature, noise_scale=noise_scale)
        if clip_grad is not None:
            check_positive("clip_grad", clip_grad)
        settings = dict(temperature=temperature, noise_scale=noise_scale, noise_first=noise_first)
        settings |= dict(clip_grad=clip_grad, boundary=boundary)
        if method == "mala":
            arguments.check_mala(**settings, bounds=bounds)
        self._box = arguments.checked_box(bounds=bounds, boundary=boundary)
        self._bounds, self._step_size = bounds, arguments.checked_step_size(step_size)
        self._loop = LangevinLoop(energy=energy, method=method, box=self._box, **settings)
        self._seen = set()  # shapes and dtypes that have been sampled

    energy = property(attrgetter("_loop.energy"))
    step_size = property(attrgetter("_step_size"))
    temperature = property(attrgetter("_loop.temperature"))
    noise_scale = property(attrgetter("_loop.noise_scale"))
    method = property(attrgetter("_loop.method"))
    noise_first = property(attrgetter("_loop.noise_first"))
    clip_grad = property(attrgetter("_loop.clip_grad"))
    bounds = property(attrgetter("_bounds"))
    boundary = property(attrgetter("_loop.boundary"))

    def sample(
        self,
        x0,
        num_steps: int,
        *,
        seed: int,
        first_step: int = 0,
        thin: int | None = None,
        trace: str | Sequence[str] = (),
        callback: Callable | None = None,
        callback_every: int | None = None,
    ):
        """Moves every chain by `num_steps` steps.

        Args:
            x0: Initial states, `(chains, ...)`, float32 or float64, which sets the precision.
            num_steps: Positive integer.
            seed: Non-negative integer.
            first_step: Number of the first step, to continue an earlier call with this seed.
            thin: None, or n to return the states after every n-th step.
            trace: Any of `"energy"`, `"accept"` (the probability, 1 for ula) and
                `"grad_norm"` (Euclidean, before clipping). Energy and gradient are those of
                the state after the step; with `noise_first` the gradient is the one it used.
            callback: `callback(step, x)`, called with the number of steps done, `first_step`
                included, and the states.
            callback_every: Steps between calls of `callback`; by default a tenth of `num_steps`.

        Returns:
            The last states, `(chains, ...)`; with `thin` the states after every `thin` steps,
            `(num_steps / thin, chains, ...)`. With `trace` a pair of that and a dict of tensors
            `(num_steps / thin, chains)`, one row per step without `thin`. `"accept"` is the mean
            over `thin` steps, the others are values after the last of them.

        Raises:
            ValueError: For bad arguments, and if an energy or a gradient is not finite.
        """
        trace = arguments.checked_trace(trace)
        x = self._start(x0, num_steps, first_step)
        arguments.check_thin(thin=thin, num_steps=num_steps)
        # NumPy's integers would become 64-bit tensors in compiled code.
        num_steps, first_step, thin = int(num_steps), int(first_step), thin and int(thin)
        block = num_steps
        if callback is not None:
            block = arguments.checked_callback_every(callback_every, thin=thin, num_steps=num_steps)
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        blocks, done = [], 0
        while done < num_steps:
            count = min(block, num_steps - done)
            # Without records the number of steps is an argument: any number runs the same code.
            every, length = (thin or 1, count // (thin or 1)) if thin or trace else (count, 1)
            first = first_step + done
            sizes, options = self._step_sizes(first, count, x), dict(keep=thin is not None, trace=trace)
            x, failed, _, records = self._loop.run(x, keys, first, every, sizes, length=length, **options)
            self._check_finite(failed)
            blocks.append(records)
            done += count
            if callback is not None:
                callback(first_step + done, x)
        columns = [c[0] if len(c) == 1 else ops.concatenate(c) for c in zip(*blocks)]
        samples = columns.pop(0) if thin else x
        return (samples, dict(zip(trace, columns))) if trace else samples

    def adapt(self, x0, num_steps: int, *, seed: int, target_accept: float = 0.574):
        """Warms the chains up and tunes the step size of mala to an acceptance rate.

        Dual averaging of the mean acceptance probability over all chains. While the step size
        changes, the chains do not sample exactly: use the states that follow.

        Args:
            x0, num_steps, seed: As for `sample`.
            target_accept: 0.574 is optimal in high dimensions (Roberts and Rosenthal 1998).

        Returns:
            The last states and a sampler with the step size found.

        Raises:
            ValueError: As `sample`, for another method, and for a schedule as step size.
        """
        if self.method != "mala" or callable(self.step_size):
            raise ValueError(
                "`method` must be 'mala' and `step_size` a number for `adapt`. "
                f"Received: method={self.method!r}, step_size={self.step_size!r}."
            )
        if not 0 < target_accept < 1:
            raise ValueError(
                f"`target_accept` must be a number in (0, 1). Received: target_accept={target_accept!r}."
            )
        x, num_steps = self._start(x0, num_steps, 0), int(num_steps)
        keys = random_key(seed, NOISE), random_key(seed, ACCEPT)
        tuning = self._scalar(math.log(self.step_size), x), self._scalar(target_accept, x)
        x, failed, log_step_size, _ = self._loop.run(
            x, keys, 0, num_steps, self._scalar(self.step_size, x), tuning
        )
        self._check_finite(failed)
        return x, self.with_step_size(math.exp(float(log_step_size)))

    def with_step_size(self, step_size: float | Callable) -> "LangevinSampler":
        """The same sampler with another step size or schedule, without a new compilation."""
        sampler = copy.copy(self)  # shares the loop, which takes step sizes as arguments
        sampler._step_size = arguments.checked_step_size(step_size)
        return sampler

    def _start(self, x0, num_steps, first_step):
        check_count("num_steps", num_steps)
        check_count("first_step", first_step, 0)
        x = ops.convert_to_tensor(x0)
        arguments.check_start(ops.convert_to_numpy(x), box=self._box)
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
        arguments.check_finite(failed, step_size=self.step_size, clip_grad=self.clip_grad)
