"""Loops in compiled code against NumPy ones; nothing is compiled twice."""

import logging

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.ops import collect, compiled, repeat

BACKEND = keras.backend.backend()


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def test_repeat_counts_from_first():
    run = compiled(
        lambda x, first, count: repeat(lambda i, x: 2 * x + ops.cast(i, "float32"), x, first, count)
    )
    expected = np.float32([1, 5])
    for i in range(3, 10):
        expected = 2 * expected + i
    np.testing.assert_array_equal(numpy(run(ops.convert_to_tensor(np.float32([1, 5])), 3, 7)), expected)


def test_collect_stacks_every_output():
    def step(i, carry):
        x, y = carry
        x = x + ops.cast(i, "float32")
        return (x, 2 * y), (x, y[0])

    def loop(x, y, *, length):
        return collect(step, (x, y), length, like=(x, y[0]))

    run = compiled(loop, static=("length",))
    (x, y), (xs, ys) = run(ops.zeros(2), ops.ones(3), length=4)
    np.testing.assert_array_equal(numpy(xs), [[0, 0], [1, 1], [3, 3], [6, 6]])
    np.testing.assert_array_equal(numpy(ys), [1, 2, 4, 8])
    np.testing.assert_array_equal(numpy(x), [6, 6])
    np.testing.assert_array_equal(numpy(y), [16, 16, 16])


def test_numbers_and_arrays_change_without_a_new_compilation():
    traced = []

    def function(x, count):
        traced.append(1)
        return repeat(lambda i, x: x + 1, x, 0, count)

    run = compiled(function)
    for x, count in ((1.0, 3), (2.0, 5), (3.0, 500)):
        assert float(run(np.float32([x]), count)[0]) == x + count
    # Once to see which variables are read (JAX), once to compile; torch runs the function.
    assert len(traced) <= (3 if BACKEND == "torch" else 2)


def test_variables_have_their_present_values():
    weight, late = keras.Variable(2.0), keras.Variable(10.0)
    run = compiled(lambda x, *, both: x * weight + (late if both else 0.0), static=("both",))
    assert float(run(np.float32(3), both=False)) == 6
    weight.assign(5.0)
    assert float(run(np.float32(3), both=False)) == 15
    assert float(run(np.float32(3), both=True)) == 25
    late.assign(0.0)
    assert float(run(np.float32(3), both=True)) == 15


def test_builds_no_torch_graph():
    if BACKEND != "torch":
        pytest.skip("torch only")
    weight = keras.Variable(2.0)
    assert not compiled(lambda x: x * weight)(ops.ones((2,))).requires_grad


@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere a length is a new compilation")
def test_lengths_that_vary_are_compiled_twice():
    traced = []
    run = compiled(lambda x: (traced.append(x.shape), ops.sum(x))[1], shapes_vary=True)
    for length in range(1, 9):
        assert float(run(np.ones(length, "float32"))) == length
    assert len(traced) == 2


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's warning")
def test_many_functions_of_one_kind_raise_no_alarm():
    """TensorFlow warns of retracing when functions of equal code are compiled again and again."""
    import tensorflow as tf

    class Scale:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, x):
            return self.factor * x

        def method(self, x):
            return self.factor * x

    messages = []
    handler = logging.Handler()
    handler.emit = messages.append
    tf.get_logger().addHandler(handler)
    try:
        for factor in range(12):
            for function in (Scale(factor), Scale(factor).method, lambda x: factor * x):
                assert float(compiled(function)(np.float32(2))) == 2 * factor
    finally:
        tf.get_logger().removeHandler(handler)
    assert messages == []
