"""The nearest code is the one float64 finds, wherever the data lie."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import VectorQuantizer
from blogkit.layers.codebook import nearest_codes

N, DIM, CODES = 3000, 64, 256


def clusters(rng, scale, noise):
    centres = scale * rng.normal(size=(16, DIM))
    return (centres[rng.integers(16, size=n)] + noise * rng.normal(size=(n, DIM)) for n in (N, CODES))


def wide_clusters(rng):
    """Products of one sign, which are the worst to add up."""
    return clusters(rng, 100, 1)


def offset(rng, mean):
    return rng.normal(size=(N, DIM)) + mean, rng.normal(size=(CODES, DIM)) + mean


DATA = {
    "random": functools.partial(offset, mean=0),
    "mean 5": functools.partial(offset, mean=5),
    "mean 1000": functools.partial(offset, mean=1000),
    "clusters": functools.partial(clusters, scale=10, noise=0.1),
    "wide clusters": wide_clusters,
}


def distances(x, codebook):
    x, codebook = np.asarray(x, "float64"), np.asarray(codebook, "float64")
    return np.stack([np.square(x - code).sum(1) for code in codebook], 1)


def assert_nearest(codes, x, codebook):
    """Equal to float64's argmin; ties are distances that agree to float32's last digits."""
    found = distances(x, codebook)
    chosen, least = found[np.arange(len(x)), codes], found.min(1)
    wrong = codes != found.argmin(1)
    assert (chosen[wrong] <= least[wrong] * (1 + 1e-6)).all(), (wrong.sum(), (chosen - least).max())
    assert wrong.mean() < 1e-3
    assert len(np.unique(codes)) > 50


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_as_float64_under_any_policy(name, policy, rng):
    x, codebook = (part.astype("float32") for part in DATA[name](rng))
    layer = VectorQuantizer(CODES, chunk_size=1000, dtype=policy)
    layer.build(x.shape)
    layer.assign_codebook(codebook)
    assert_nearest(ops.convert_to_numpy(layer.encode(x)), x, codebook)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_inputs_are_taken_as_they_are(dtype, rng):
    x, codebook = (part.astype("float32") for part in DATA["mean 5"](rng))
    half = ops.cast(x, dtype)
    layer = VectorQuantizer(CODES, dtype=f"mixed_{dtype}")
    layer.build(x.shape)
    layer.assign_codebook(codebook)
    codes = ops.convert_to_numpy(layer.encode(half))
    assert_nearest(codes, ops.convert_to_numpy(ops.cast(half, "float32")), codebook)


@pytest.mark.parametrize("chunk_size", [1, 7, 50])
def test_any_chunk_size_gives_the_same_codes(chunk_size, rng):
    x, codebook = rng.normal(size=(50, 4)).astype("float32"), rng.normal(size=(9, 4)).astype("float32")
    found = ops.convert_to_numpy(nearest_codes(x, codebook, chunk_size=chunk_size))
    np.testing.assert_array_equal(found, distances(x, codebook).argmin(1))


def test_the_first_of_equal_codes(rng):
    """Fewer than those that are compared."""
    codebook = np.repeat(rng.normal(size=(4, 8)).astype("float32"), 5, axis=0)
    x = rng.normal(size=(300, 8)).astype("float32")
    found = ops.convert_to_numpy(nearest_codes(x, codebook))
    np.testing.assert_array_equal(found, distances(x, codebook[::5]).argmin(1) * 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_broken_code_is_never_nearest(bad, rng):
    x, codebook = rng.normal(size=(50, 4)).astype("float32"), rng.normal(size=(9, 4)).astype("float32")
    codebook[3, 1] = bad
    found = ops.convert_to_numpy(nearest_codes(x, codebook))
    rest = np.delete(np.arange(9), 3)
    np.testing.assert_array_equal(found, rest[distances(x, codebook[rest]).argmin(1)])


def test_float64_is_searched_in_float64(float64, rng):
    codebook = 1 + 1e-10 * rng.normal(size=(9, 4))
    x = 1 + 1e-10 * rng.normal(size=(50, 4))
    found = ops.convert_to_numpy(nearest_codes(ops.convert_to_tensor(x), ops.convert_to_tensor(codebook)))
    np.testing.assert_array_equal(found, distances(x, codebook).argmin(1))
    assert keras.backend.standardize_dtype(ops.convert_to_tensor(found).dtype) == "int32"
