"""What is looked through before a training, and what is not."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import check_finite_data, largest

GOOD = np.ones((5, 2), "float32")


@pytest.mark.parametrize(
    "data",
    [None, GOOD, {"a": GOOD, "b": None}, (GOOD, [GOOD, "text"]), np.ones((0,), object), np.array(["a", "b"]),
     np.zeros((3, 0)), np.array([True]), np.arange(3), np.float32(np.nan), iter([np.nan]), [1.0, np.nan]],
)  # fmt: skip
def test_lets_pass_what_is_finite_or_no_array(data):
    check_finite_data(x=data)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_names_the_argument_and_the_first_bad_sample(dtype, bad):
    array = np.ones((7, 3, 2), dtype)
    array[4, 2, 1] = array[5, 0, 0] = bad
    for data in (array, ops.convert_to_tensor(array), {"a": GOOD, "b": array}, (GOOD, [array])):
        with pytest.raises(ValueError, match="`y` must be finite. Received: NaN or inf in sample 4 of 7"):
            check_finite_data(x=GOOD, y=data)


def test_names_weights_and_empty_arrays():
    with pytest.raises(ValueError, match=r"`sample_weight` must be finite.*sample 1 of 2"):
        check_finite_data(x=GOOD, sample_weight=np.array([1.0, np.nan]))
    for dtype in ("float32", "int32", "bool"):
        with pytest.raises(ValueError, match=r"`x` must have at least one sample. Received: shape \(0, 2\)"):
            check_finite_data(x=np.zeros((0, 2), dtype))


def test_the_largest_of_a_row_may_be_of_no_row():
    for shape in ((0, 3), (2, 0, 3), (2, 4, 3)):
        x = np.random.default_rng(0).normal(size=shape).astype("float32")
        found = ops.convert_to_numpy(largest(ops.convert_to_tensor(x)))
        np.testing.assert_array_equal(found, x.max(axis=-1, keepdims=True))
    assert largest(keras.Input((3,))).shape == (None, 1)
