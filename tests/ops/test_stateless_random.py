"""Random numbers of (seed, stream, step): reproducible, independent, of the right distribution."""

import keras
import numpy as np
import pytest
from scipy import stats

from blogkit.ops import compiled, random_key, repeat, stateless_normal, stateless_uniform

N = 40_000
MANY = 4  # |z| that a right statistic reaches once in 16,000 seeds
MANY_OF_N = 6  # the largest |z| of N; 4.7 is typical


def normal(seed, step, stream=0, dtype="float32"):
    return keras.ops.convert_to_numpy(stateless_normal((N,), random_key(seed, stream), step, dtype))


def test_distributions():
    uniform = keras.ops.convert_to_numpy(stateless_uniform((N,), random_key(0), 0))
    assert stats.kstest(uniform, "uniform").pvalue > 0.001
    assert 0 <= uniform.min() and uniform.max() < 1
    assert stats.kstest(normal(0, 0), "norm").pvalue > 0.001


@pytest.mark.parametrize("shape", [(), (1,), (3,), (5, 7), (4, 3, 2)])
def test_shapes_and_independence_within_a_draw(shape):
    draws = [stateless_normal(shape, random_key(0), step) for step in range(40)]
    draws = np.stack([keras.ops.convert_to_numpy(draw) for draw in draws])
    assert draws.shape == (40, *shape)
    assert len(np.unique(draws)) == draws.size


def test_numbers_of_one_draw_are_uncorrelated_and_their_squares_too():
    draw = normal(0, 0).astype("float64")
    for values in (draw, (draw**2 - 1) / np.sqrt(2), np.abs(draw) - np.sqrt(2 / np.pi)):
        spectrum = np.abs(np.fft.rfft(values)) ** 2
        lags = np.fft.irfft(spectrum, N)[1:] / np.sqrt(N) / values.var()
        assert np.abs(lags).max() < MANY_OF_N


def test_same_again_eager_and_compiled():
    key = random_key(3)
    run = compiled(lambda key, step: stateless_normal((50,), key, step))
    eager = keras.ops.convert_to_numpy(stateless_normal((50,), key, 7))
    # float32: XLA and the eager kernel may round the inverse error function differently.
    np.testing.assert_allclose(keras.ops.convert_to_numpy(run(key, 7)), eager, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(run(key, 7)), keras.ops.convert_to_numpy(run(key, 7))
    )


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 0, "step": 1},
        {"seed": 1, "step": 0},
        {"seed": 0, "step": 0, "stream": 1},
        {"seed": 2**32, "step": 0},
        {"seed": 2**64, "step": 0},
    ],
)
def test_neighbours_are_uncorrelated_at_every_shift(other):
    """Also where one would be the other, moved by any number of places."""
    assert largest_correlation(normal(0, 0), normal(**other)) < MANY_OF_N


def largest_correlation(a, b):
    """max over the cyclic shifts of |z|, where z is standard normal for independent a, b."""
    spectrum = np.fft.rfft(a) * np.fft.rfft(b).conj()
    return np.abs(np.fft.irfft(spectrum, N)).max() / np.sqrt(N)


def test_the_largest_correlation_finds_a_shift():
    assert largest_correlation(normal(0, 0), np.roll(normal(0, 0), 123)) > 100


def test_seed_and_step_do_not_add_up():
    # On torch, Keras' second draw with seed 0 is the first one with seed 1.
    for total in (1, 2, 3):
        draws = [normal(seed, total - seed) for seed in range(total + 1)]
        assert max(abs(a @ b) for i, a in enumerate(draws) for b in draws[:i]) < MANY * np.sqrt(N)


def test_key_and_step_do_not_add_up():
    def draw(key, step):
        key = np.array(key, "uint32")
        return keras.ops.convert_to_numpy(stateless_normal((N,), key, step))

    draws = [draw((5, 7), 1), draw((5, 8), 0), draw((6, 7), 0), draw((5, 6), 2)]
    assert max(abs(a @ b) for i, a in enumerate(draws) for b in draws[:i]) < MANY * np.sqrt(N)


def test_every_step_of_a_compiled_loop_has_its_own_noise():
    # Keras' SeedGenerator inside `jax.jit` gives the sum of n equal draws: variance n^2.
    def summed(key, first, count):
        zero = keras.ops.zeros((N,))
        return repeat(lambda i, total: total + stateless_normal((N,), key, i), zero, first, count)

    total = keras.ops.convert_to_numpy(compiled(summed)(random_key(0), 0, 9))
    assert abs(total.var() / 9 - 1) < MANY * np.sqrt(2 / N)
    by_hand = sum(normal(0, i).astype("float64") for i in range(9))
    np.testing.assert_allclose(total, by_hand, atol=1e-4)  # float32, and XLA's rounding


def test_float64_has_float64_digits(float64):
    draws = normal(0, 0, dtype="float64")
    assert draws.dtype == "float64"
    assert (draws != draws.astype("float32")).mean() > 0.99


@pytest.mark.parametrize("seed", [-1, 1.5, None, True, "0"])
def test_says_which_seeds_are_none(seed):
    with pytest.raises(ValueError, match=f"non-negative integer.*seed={seed!r}"):
        random_key(seed)


def test_keys_by_an_independent_hash():
    import hashlib

    expected = hashlib.blake2b(b"5/1", digest_size=8).digest()
    assert random_key(5, 1).tobytes() == expected
