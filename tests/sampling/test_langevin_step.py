"""Langevin step, Metropolis ratio, reflection and dual averaging, by hand and by identities."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.sampling import langevin_step
from blogkit.sampling.langevin_step import dual_averaging, metropolis_log_ratio, reflect


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def test_step_by_hand():
    # 2 - 0.5 * 3 + 4 * (-1)
    assert langevin_step(2.0, 3.0, -1.0, 0.5, noise_scale=4.0) == -3.5
    # sqrt(2 * 0.5) = 1
    assert langevin_step(2.0, 3.0, -1.0, 0.5) == -0.5


def energy(x):
    return (x[:, 0] ** 4 + 2 * x[:, 0] * x[:, 1] + x[:, 1] ** 2) / 3


def gradient(x):
    a, b = x[:, 0], x[:, 1]
    return np.stack([4 * a**3 + 2 * b, 2 * a + 2 * b], 1) / 3


def log_proposal(after, before, step_size, temperature):
    """log N(after; before - step_size g(before), 2 step_size T), up to a constant."""
    mean = before - step_size * gradient(before)
    return -((after - mean) ** 2).sum(1) / (4 * step_size * temperature)


@pytest.mark.parametrize("temperature", [1.0, 0.3])
def test_ratio_is_the_definition(rng, temperature):
    x, z = rng.normal(size=(2, 100, 2))
    step_size = 0.3
    y = langevin_step(x, gradient(x), z, step_size, np.sqrt(2 * step_size * temperature))
    expected = (energy(x) - energy(y)) / temperature
    expected += log_proposal(x, y, step_size, temperature) - log_proposal(y, x, step_size, temperature)
    terms = (energy(x), gradient(x), energy(y), gradient(y), z)
    got = metropolis_log_ratio(
        *(ops.convert_to_tensor(t.astype("float32")) for t in terms), step_size, temperature
    )
    # float32, on sums of terms of up to 1e3
    np.testing.assert_allclose(numpy(got), expected, rtol=1e-4, atol=1e-4)


def test_detailed_balance(rng):
    # p(x) q(y|x) a(x, y) = p(y) q(x|y) a(y, x), the accepted flow from x to y and back
    step_size = 0.3
    x, y = rng.normal(size=(2, 100, 2))

    def log_flow(x, y):
        z = (y - x + step_size * gradient(x)) / np.sqrt(2 * step_size)
        terms = (energy(x), gradient(x), energy(y), gradient(y), z)
        ratio = metropolis_log_ratio(*(ops.convert_to_tensor(t.astype("float32")) for t in terms), step_size)
        return -energy(x) + log_proposal(y, x, step_size, 1.0) + np.minimum(numpy(ratio), 0)

    forward, back = log_flow(x, y), log_flow(y, x)
    np.testing.assert_allclose(forward, back, rtol=1e-4, atol=1e-4)


def test_ratio_keeps_its_digits_in_many_dimensions(rng):
    # |z|^2 is 1e6 with float32 steps of 0.06; the ratio is 1e-3 and right to 1e-3 of it.
    z = rng.normal(size=(4, 1_000_000)).astype("float32")
    g = np.full_like(z, 1e-3)
    flat = np.zeros(4, "float32")
    got = numpy(metropolis_log_ratio(*map(ops.convert_to_tensor, (flat, g, flat, g, z)), 1e-4))
    shift = np.sqrt(1e-4 / 2) * 2e-3
    expected = shift * z.astype("float64").sum(1) - z.shape[1] * shift**2 / 2
    np.testing.assert_allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("x", "inside", "slope"),
    [(0.5, 0.5, 1), (-0.25, 0.25, -1), (2.25, 1.75, -1), (4.5, 0.5, 1), (-7.0, 1.0, None), (0, 0, 1)],
)
def test_reflection_by_hand(x, inside, slope):
    """At the walls 0 and 2."""
    folded, sign = map(numpy, reflect(*map(ops.convert_to_tensor, np.float32([[x], [0], [2]]))))
    assert folded == pytest.approx(inside)
    assert slope is None or sign == slope


def test_reflection_never_leaves_the_box(rng):
    x = (10.0 ** rng.uniform(-6, 6, 10_000) * rng.choice([-1, 1], 10_000)).astype("float32")
    low, high = (ops.convert_to_tensor(np.float32(b)) for b in (-0.1, 0.7))
    folded = numpy(reflect(ops.convert_to_tensor(x), low, high)[0])
    assert np.float32(-0.1) <= folded.min() and folded.max() <= np.float32(0.7)


def test_dual_averaging_as_in_the_paper(rng):
    """Algorithm 5 of Hoffman and Gelman 2014, with mu = log(step size at the start)."""
    mu, gamma, t0, kappa, target = np.log(0.2), 0.05, 10, 0.75, 0.6
    state, h_bar, log_bar = (mu, mu, 0.0), 0.0, 0.0
    for m, accept in enumerate(rng.uniform(size=30), 1):
        state = dual_averaging(*state, float(m), accept, target, mu)
        h_bar = (1 - 1 / (m + t0)) * h_bar + (target - accept) / (m + t0)
        log_step = mu - np.sqrt(m) / gamma * h_bar
        log_bar = m**-kappa * log_step + (1 - m**-kappa) * log_bar
        np.testing.assert_allclose(state, (log_step, log_bar, h_bar), rtol=1e-12, atol=1e-12)


def test_step_is_the_same_for_numpy_and_tensors(rng):
    x, g, z = rng.normal(size=(3, 4, 2)).astype("float32")
    got = langevin_step(*map(keras.ops.convert_to_tensor, (x, g, z)), 0.1)
    np.testing.assert_allclose(numpy(got), langevin_step(x, g, z, 0.1), rtol=1e-6, atol=1e-7)
