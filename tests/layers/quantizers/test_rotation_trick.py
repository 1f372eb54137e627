"""The rotation trick against its matrix, written out in float64."""

import numpy as np
from keras import ops

from blogkit.layers import VectorQuantizer
from blogkit.layers.quantizers.codebook import rotation_trick
from blogkit.ops import value_and_gradient


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


def matrix(x, q):
    """s R with R = 1 - 2 r r^T + 2 q^ x^^T: it takes x to q."""
    x_hat, q_hat = x / np.linalg.norm(x), q / np.linalg.norm(q)
    r = (x_hat + q_hat) / np.linalg.norm(x_hat + q_hat)
    turn = np.eye(len(x)) - 2 * np.outer(r, r) + 2 * np.outer(q_hat, x_hat)
    np.testing.assert_allclose(turn @ turn.T, np.eye(len(x)), atol=1e-12)
    return np.linalg.norm(q) / np.linalg.norm(x) * turn


def test_gradient_is_the_transposed_matrix(rng):
    x, q, gradient = rng.normal(size=(3, 20, 5))
    matrices = [matrix(*pair) for pair in zip(x, q)]
    np.testing.assert_allclose(np.einsum("nij,nj->ni", matrices, x), q, atol=1e-12)
    codes, weight = (ops.convert_to_tensor(t, "float32") for t in (q, gradient))
    _, found = value_and_gradient(
        lambda x: ops.sum(rotation_trick(x, codes) * weight, axis=-1), x.astype("float32")
    )
    expected = np.einsum("nij,ni->nj", matrices, gradient)
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        numpy(rotation_trick(ops.convert_to_tensor(x, "float32"), codes)), numpy(codes)
    )


def test_straight_through_where_there_is_no_rotation():
    x = np.array([[0, 0], [1, 2], [1, 2], [3e-20, 0]], "float32")
    codes = ops.convert_to_tensor([[1, 2], [0, 0], [-2, -4], [1, 0]], "float32")
    weight = np.array([[5, 6], [7, 8], [9, 1], [2, 3]], "float32")
    values, found = value_and_gradient(
        lambda x: ops.sum(rotation_trick(x, codes) * ops.convert_to_tensor(weight), axis=-1), x
    )
    np.testing.assert_array_equal(numpy(found), weight)
    np.testing.assert_array_equal(numpy(values), (numpy(codes) * weight).sum(1))


def test_the_layer_turns_gradients_only_when_asked_to(rng):
    x, codebook = rng.normal(size=(20, 4)).astype("float32"), rng.normal(size=(6, 4)).astype("float32")
    weight = rng.normal(size=(20, 4)).astype("float32")
    gradients, outputs = [], []
    for trick in (False, True):
        layer = VectorQuantizer(6, rotation_trick=trick, update="ema")
        layer.build(x.shape)
        layer.assign_codebook(codebook)
        values, gradient = value_and_gradient(
            lambda x: ops.sum(layer(x) * ops.convert_to_tensor(weight), axis=-1), x
        )
        gradients.append(numpy(gradient))
        outputs.append(numpy(layer(x)))
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(gradients[0], weight)
    codes = outputs[0].astype("float64")
    expected = [matrix(a, q).T @ g for a, q, g in zip(x.astype("float64"), codes, weight)]
    np.testing.assert_allclose(gradients[1], expected, rtol=1e-4, atol=1e-5)
