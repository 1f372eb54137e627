"""cumax: by hand, against NumPy's float64, its limits, and its precision."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import cumax, value_and_gradient


def numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def by_numpy(x, axis=-1):
    x = np.asarray(x, "float64")
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.cumsum(e / e.sum(axis, keepdims=True), axis)


def test_by_hand():
    # softmax([0, log 2, 0]) = [1/4, 1/2, 1/4]
    np.testing.assert_allclose(numpy(cumax(np.log([[1.0, 2.0, 1.0]]))), [[0.25, 0.75, 1]], rtol=1e-6)
    np.testing.assert_array_equal(numpy(cumax(np.array([7]))), [1])
    # One hot at 1: a step there.
    np.testing.assert_array_equal(numpy(cumax(np.array([0.0, 1e4, 0.0]))), [0, 1, 1])


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_as_numpy_along_any_axis(axis, rng):
    x = rng.normal(size=(4, 5, 6)).astype("float32")
    np.testing.assert_allclose(numpy(cumax(x, axis=axis)), by_numpy(x, axis), atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 5.0, 1e4])
@pytest.mark.parametrize("levels", [16, 1150])
def test_never_above_1_and_ends_there(levels, scale, rng):
    got = numpy(cumax((scale * rng.normal(size=(300, levels))).astype("float32")))
    assert got.min() >= 0
    assert got.max() <= 1  # adding up a softmax exceeds 1 in most rows of 1,150
    assert got[:, -1].min() >= 1 - 2e-7
    assert np.diff(got, axis=-1).min() >= -2e-7  # one rounding, where a backend adds in parallel


@pytest.mark.parametrize(("dtype", "floor"), [("float16", 2**-11), ("bfloat16", 2**-8)])
def test_half_precision_is_rounded_once(dtype, floor, rng):
    x = ops.cast(rng.normal(size=(50, 1150)), dtype)
    got = cumax(x)
    assert keras.backend.standardize_dtype(got.dtype) == dtype
    assert np.abs(numpy(got) - by_numpy(numpy(x))).max() <= floor / 2 + 1e-6


def test_integers_give_float32():
    assert keras.backend.standardize_dtype(cumax(np.arange(3)).dtype) == "float32"


@pytest.mark.parametrize("scale", [1, 20])
def test_gradient(scale, rng):
    x, weights = scale * rng.normal(size=(3, 7)), rng.normal(size=7)
    _, got = value_and_gradient(
        lambda x: ops.sum(cumax(x) * ops.convert_to_tensor(weights, "float32"), axis=-1), x.astype("float32")
    )
    for row, gradient in zip(x, numpy(got)):
        p = np.diff(by_numpy(row), prepend=0)
        expected = (np.diag(p) - np.outer(p, p)) @ np.tril(np.ones((7, 7))).T @ weights
        np.testing.assert_allclose(gradient, expected, atol=2e-6)
