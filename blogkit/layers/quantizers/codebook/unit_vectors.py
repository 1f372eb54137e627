"""Normalization of vectors to length 1."""

from keras import ops


def unit_vectors(vectors):
    """`x / |x|` along the last axis; vectors shorter than 1e-6 stay short.

    >>> ops.convert_to_numpy(unit_vectors(ops.convert_to_tensor([3.0, 4.0]))).round(6).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    squares = ops.sum(vectors * vectors, axis=-1, keepdims=True)
    return vectors / ops.sqrt(ops.maximum(squares, 1e-12))
