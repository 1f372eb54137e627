"""The nearest code: chunks, ties, broken codes and dtypes.

That it is the one float64 finds, wherever the data lie: tests/benchmarks/test_quantizer_exactness.py.
"""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import VectorQuantizer
from blogkit.layers.quantizers.codebook import nearest_codes
from blogkit.layers.quantizers.codebook.kmeans import SEEDS_FROM, kmeans
from blogkit.layers.quantizers.codebook.nearest_codes import FEWEST_ROWS, MOST_ROWS, RIVALS


def distances(x, codebook):
    x, codebook = np.asarray(x, "float64"), np.asarray(codebook, "float64")
    return np.stack([np.square(x - code).sum(1) for code in codebook], 1)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_inputs_are_taken_as_they_are(dtype, rng):
    x, codebook = ((5 + rng.normal(size=(n, 8))).astype("float32") for n in (500, 32))
    half = ops.cast(x, dtype)
    layer = VectorQuantizer(32, dtype=f"mixed_{dtype}")
    layer.build(x.shape)
    layer.assign_codebook(codebook)
    found = distances(ops.convert_to_numpy(ops.cast(half, "float32")), codebook)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer.encode(half)), found.argmin(1))


@pytest.mark.parametrize("chunk_size", [1, 7, 50])
def test_any_chunk_size_gives_the_same_codes(chunk_size, rng):
    x, codebook = rng.normal(size=(50, 4)).astype("float32"), rng.normal(size=(9, 4)).astype("float32")
    found = ops.convert_to_numpy(nearest_codes(x, codebook, chunk_size=chunk_size))
    np.testing.assert_array_equal(found, distances(x, codebook).argmin(1))


@pytest.mark.parametrize("copies", [5, 40])
def test_the_first_of_equal_codes(copies, rng):
    """Also where they are more than those that are compared one by one."""
    codebook = np.tile(rng.normal(size=(4, 8)).astype("float32"), (40, 1))
    codebook[4 * copies :] = 9
    x = rng.normal(size=(300, 8)).astype("float32")
    found = ops.convert_to_numpy(nearest_codes(x, codebook))
    np.testing.assert_array_equal(found, distances(x, codebook[:4]).argmin(1))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("scale", [0.01, 1e30])
def test_a_broken_code_is_never_nearest(bad, scale, rng):
    """Nor where other codes are equal, or no score is a number."""
    x = (scale * rng.normal(size=(50, 4))).astype("float32")
    codebook = (scale + scale * np.repeat(rng.normal(size=(5, 4)), 2, axis=0)).astype("float32")
    codebook[0, 1] = bad
    found = ops.convert_to_numpy(nearest_codes(x, codebook))
    np.testing.assert_array_equal(found, 1 + distances(x, codebook[1:]).argmin(1))


def test_float64_is_searched_in_float64(float64, rng):
    codebook = 1 + 1e-10 * rng.normal(size=(9, 4))
    x = 1 + 1e-10 * rng.normal(size=(50, 4))
    found = ops.convert_to_numpy(nearest_codes(ops.convert_to_tensor(x), ops.convert_to_tensor(codebook)))
    np.testing.assert_array_equal(found, distances(x, codebook).argmin(1))
    assert keras.backend.standardize_dtype(ops.convert_to_tensor(found).dtype) == "int32"


def test_docstrings_state_the_constants():
    text = " ".join(nearest_codes.__doc__.split())
    assert text.count(f"more than {RIVALS} ") == 2
    assert f"with {FEWEST_ROWS} to {MOST_ROWS:,} vectors" in text
    assert f"on {SEEDS_FROM} vectors per code" in " ".join(kmeans.__doc__.split())
