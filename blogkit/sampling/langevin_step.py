"""One step of Langevin dynamics, Metropolis acceptance, reflecting walls, step size adaptation.

Pure functions, on tensors of any backend and on NumPy arrays. Chains lie along axis 0.
"""

from keras import ops


def langevin_step(x, gradient, noise, step_size, noise_scale=None):
    """Euler-Maruyama step of the Langevin equation dX = -grad E(X) dt + sqrt(2) dW.

    x' = x - step_size * grad E(x) + noise_scale * z, by default with
    noise_scale = sqrt(2 * step_size). The stationary distribution tends to exp(-E) for small
    steps. The noise scale sqrt(2 * step_size * T) belongs to the temperature T: exp(-E/T).
    (https://kexue.fm/archives/6612 writes step_size = eps/2: x - eps/2 grad U + sqrt(eps) z.)

    Args:
        x: States, `(chains, ...)`.
        gradient: grad E at `x`, of the same shape.
        noise: Standard normal numbers z, of the same shape.
        step_size: Factor of the gradient; positive.
        noise_scale: Factor of the noise, or None for temperature 1.

    Returns:
        The next states, of the shape of `x`.

    Example: 1 - 0.1 * 2 + 0.5 * 1.

    >>> from blogkit.sampling import langevin_step
    >>> round(langevin_step(1.0, gradient=2.0, noise=1.0, step_size=0.1, noise_scale=0.5), 6)
    1.3
    """
    if noise_scale is None:
        noise_scale = (2 * step_size) ** 0.5
    return x - step_size * gradient + noise_scale * noise


def metropolis_log_ratio(
    energy, gradient, proposed_energy, proposed_gradient, noise, step_size, temperature=1.0
):
    """log of p(x') q(x | x') / (p(x) q(x' | x)) for p = exp(-E/T) and x' of `langevin_step`.

    With s^2 = 2 * step_size * T, q(x' | x) has the exponent -z^2/2 and q(x | x') the exponent
    -(z - d)^2/2, where d = step_size * (g + g') / s. Their difference is computed as
    d * (z - d/2), without subtracting two large squares (Roberts and Tweedie 1996, Bernoulli 2(4), eq. 16).

    Args:
        energy, proposed_energy: E at x and at x', `(chains,)`.
        gradient, proposed_gradient: g and g', of the shape of the states.
        noise: z of the proposal.
        step_size, temperature: Those of the proposal.

    Returns:
        `(chains,)`.
    """
    shift = (step_size / (2 * temperature)) ** 0.5 * (gradient + proposed_gradient)
    axes = tuple(range(1, len(noise.shape)))
    return (energy - proposed_energy) / temperature + ops.sum(shift * (noise - shift / 2), axes)


def reflect(x, low, high):
    """Reflects `x` at the walls `low` and `high` until it lies between them.

    Returns:
        The reflected states r(x) and the slope of r at x, 1 or -1. The energy E(r(y)) of a state
        y outside the walls has the gradient slope * grad E(r(y)), which makes the Metropolis ratio
        exact for the box.
    """
    width = high - low
    phase = (x - low) % (2 * width)
    inside = phase <= width
    folded = ops.where(inside, low + phase, high - (phase - width))
    slope = ops.where(inside, ops.ones_like(x), -ops.ones_like(x))
    return clip(folded, low, high), slope  # rounding may leave the box


def clip(x, low, high):
    """`x` with every coordinate moved to the nearest point of [low, high]."""
    return ops.clip(x, low, high)


def dual_averaging(log_step, log_average, error, count, accept, target, log_start):
    """One update of the step size towards a target acceptance.

    Hoffman and Gelman 2014 (JMLR 15, section 3.2.1, gamma = 0.05, t0 = 10, kappa = 0.75),
    but shrunk towards the initial step size, not ten times that, where energies may be NaN.

    Args:
        log_step, log_average, error: State; the start is `log_start, log_start, 0`.
        count: Number of this update, from 1, as a floating-point number.
        accept: Mean acceptance probability of the step made with `log_step`.
        target: The acceptance to reach.
        log_start: log of the step size to start from.

    Returns:
        The next `(log_step, log_average, error)`; `log_average` is the one to use.
    """
    error = error + (target - accept - error) / (count + 10)
    log_step = log_start - count**0.5 / 0.05 * error
    log_average = log_average + count**-0.75 * (log_step - log_average)
    return log_step, log_average, error
