"""Bad input is refused before any work, with the rule and the values."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import VectorQuantizer

X = np.zeros((2, 3, 4), "float32")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("num_codes", 1, "`num_codes` must be an integer of at least 2"),
        ("num_codes", 2.5, "num_codes=2.5"),
        ("num_codes", True, "num_codes=True"),
        ("heads", 0, "`heads` must be a positive integer"),
        ("chunk_size", 0, "`chunk_size` must be a positive integer"),
        ("chunk_size", 1.5, "chunk_size=1.5"),
        ("update", "adam", "`update` must be one of 'loss', 'ema'. Received: update='adam'"),
        ("init", "zeros", "`init` must be one of 'uniform', 'first_batch', 'kmeans'. Received: init='zeros'"),
        ("decay", 1.0, r"`decay` must be a number in \[0, 1\).*decay=1.0"),
        ("decay", -0.1, "decay=-0.1"),
        ("decay", float("nan"), "decay=nan"),
        ("epsilon", 0, "`epsilon` must be a positive number.*epsilon=0"),
        ("commitment_cost", -1, "`commitment_cost` must be a non-negative number.*commitment_cost=-1"),
        ("restart_threshold", -1, "restart_threshold=-1"),
        ("restart_threshold", float("inf"), "restart_threshold=inf"),
        ("axis", 0, "`axis` must be an integer other than 0.*axis=0"),
        ("metric_suffix", 1, "`metric_suffix` must be a string of letters.*metric_suffix=1"),
        ("metric_suffix", "a/b", "metric_suffix='a/b'"),
        ("seed", -1, "`seed` must be a non-negative integer.*seed=-1"),
    ],
)
def test_arguments(name, value, message):
    with pytest.raises(ValueError, match=message):
        VectorQuantizer(**{"num_codes": 8, name: value})


def test_heads_that_do_not_divide():
    with pytest.raises(ValueError, match="heads=3, vectors of length 4"):
        VectorQuantizer(8, heads=3)(X)


@pytest.mark.parametrize("shape", [(2, 3, 5), (4,), (2, 4, 3)])
def test_another_length(shape):
    layer = VectorQuantizer(8)
    layer(X)
    for call in (layer, layer.encode)[: len(shape)]:  # one vector alone has a code
        with pytest.raises(ValueError, match=rf"must have length 4.*input shape \({shape[0]},"):
            call(np.zeros(shape, "float32"))
    with pytest.raises(ValueError, match="must have length 4"):
        layer(keras.Input((5,)))


def test_unknown_length_and_missing_axes():
    with pytest.raises(ValueError, match="must be known.*keras.Input"):
        VectorQuantizer(8)(keras.Input((3, None)))
    with pytest.raises(ValueError, match=r"input shape \(2, 3, 4\), axis=3"):
        VectorQuantizer(8, axis=3)(X)
    with pytest.raises(ValueError, match=r"at least one element.*\(3, 0\)"):
        VectorQuantizer(8)(np.zeros((3, 0), "float32"))
    with pytest.raises(ValueError, match="must have a batch axis"):
        VectorQuantizer(8).build((4,))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite(bad):
    layer, x = VectorQuantizer(8, init="first_batch", update="ema"), X.copy()
    layer(X, training=True)
    x[1, 2, 3] = bad
    before = [ops.convert_to_numpy(v) for v in layer.weights]
    for call in (layer, layer.encode, layer.adapt):
        with pytest.raises(
            ValueError, match=r"must be finite.*1 such numbers in an input of shape \(2, 3, 4\)"
        ):
            call(x)
    for old, variable in zip(before, layer.weights):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), old)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0, 8], "from 0 to 7.*from 0 to 8"),
        ([-1, 3], "from 0 to 7.*from -1 to 3"),
        ([0.0, 1.0], "must be integers.*float"),
    ],
)
def test_codes(codes, message):
    layer = VectorQuantizer(8)
    with pytest.raises(ValueError, match="before any input.*build"):
        layer.decode(np.array([0, 1]))
    layer(X)
    with pytest.raises(ValueError, match=message):
        layer.decode(np.array(codes))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64"])
def test_codes_of_any_integer_dtype(dtype, rng):
    layer = VectorQuantizer(8, seed=0)
    layer(X)
    codes = rng.integers(8, size=(2, 3))
    found = ops.convert_to_numpy(layer.decode(codes.astype(dtype)))
    np.testing.assert_array_equal(found, ops.convert_to_numpy(layer.codebook)[codes])


def test_codes_of_heads():
    layer = VectorQuantizer(8, heads=2)
    layer(X)
    with pytest.raises(ValueError, match=r"one number per head.*shape \(2, 3\), heads=2"):
        layer.decode(np.zeros((2, 3), "int32"))


def test_kmeans_without_data_or_with_too_little():
    layer = VectorQuantizer(8, init="kmeans")
    for call in (layer, layer.encode):
        with pytest.raises(ValueError, match="needs data before the first call.*adapt"):
            call(X)
    with pytest.raises(ValueError, match="6 vectors, num_codes=8"):
        layer.adapt(X)
    with pytest.raises(ValueError, match="needs data before the first call"):
        layer(X)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (2, 3, 4), (2, 3, 1)])
def test_mask_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"`mask` must have the shape"):
        VectorQuantizer(8)(X, mask=ops.ones(shape, "bool"))
