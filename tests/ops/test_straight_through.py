"""The value of one thing, the gradient of another."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import compiled, has_values, map_rows, segment_sum, straight_through, value_and_gradient


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("slope", [1.0, -3.0])
def test_value_and_gradient_are_those_asked_for(slope, rng):
    x = rng.normal(size=100).astype("float32")
    values, gradient = value_and_gradient(lambda x: straight_through(slope * x, ops.round(7 * x) / 7), x)
    np.testing.assert_array_equal(numpy(values), numpy(ops.round(7 * ops.convert_to_tensor(x)) / 7))
    np.testing.assert_array_equal(numpy(gradient), np.full(100, slope, "float32"))


def test_the_value_has_no_rounding_of_the_sum():
    """x + (q - x) would be off by up to 2^-24 of x."""
    x = ops.convert_to_tensor([1e6, -3e7], "float32")
    value = ops.convert_to_tensor([0.123, 4.567], "float32")
    np.testing.assert_array_equal(numpy(straight_through(x, value)), numpy(value))
    assert (numpy(x + (value - x)) != numpy(value)).any()


def test_the_value_gets_no_gradient():
    _, gradient = value_and_gradient(lambda x: straight_through(0 * x, x**2), np.ones(3, "float32"))
    np.testing.assert_array_equal(numpy(gradient), np.zeros(3))


@pytest.mark.parametrize("count", [1, 4, 5, 8, 9, 23])
def test_rows_in_chunks_are_the_rows(count, rng):
    sizes = []

    def total(rows):
        sizes.append(rows.shape[0])
        return ops.sum(rows, axis=(1, 2))

    rows = rng.normal(size=(count, 2, 3)).astype("float32")
    found = numpy(map_rows(total, ops.convert_to_tensor(rows), 4, "float32"))
    np.testing.assert_allclose(found, rows.sum((1, 2)), atol=1e-6)
    assert max(size for size in sizes if size) <= 4


def test_rows_of_a_number_that_the_graph_does_not_know(rng):
    if keras.backend.backend() != "tensorflow":
        pytest.skip("shapes are known elsewhere")
    import tensorflow as tf

    signature = [tf.TensorSpec((None, 3), "float32")]
    for xla in (False, True):
        run = tf.function(
            lambda x: map_rows(lambda rows: tf.reduce_sum(rows, -1), x, 4, "float32"),
            input_signature=signature,
            autograph=False,
            jit_compile=xla,
        )
        for count in (0, 1, 4, 11):
            rows = rng.normal(size=(count, 3)).astype("float32")
            np.testing.assert_allclose(run(rows).numpy(), rows.sum(1), atol=1e-6)


def test_sums_by_number(rng):
    rows = rng.normal(size=(200, 3)).astype("float32")
    numbers = rng.integers(7, size=200).astype("int32")
    numbers[numbers == 2] = 3
    expected = np.stack([rows[numbers == k].sum(0) for k in range(7)])
    found = numpy(segment_sum(ops.convert_to_tensor(rows), ops.convert_to_tensor(numbers), 7))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_compiled_code_has_no_values_yet():
    seen = []
    compiled(lambda x: seen.append(has_values(x)) or x)(ops.ones(2))
    assert seen[0] == (keras.backend.backend() == "torch")
    assert has_values(ops.ones(2))
