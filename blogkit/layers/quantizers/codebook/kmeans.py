"""k-means for the first codebook: Lloyd's algorithm on the backend.

Not scikit-learn's: nearest codes and their means are here already, on the backend and its device,
and a layer for three backends should not need a fourth library for its first weights.
"""

from collections.abc import Sequence

import numpy as np
from keras import ops

from blogkit.layers.quantizers.codebook.nearest_codes import nearest_codes
from blogkit.ops import segment_sum

# Vectors per code that k-means++ draws from; with more, it would be the slowest step.
SEEDS_FROM = 16


def kmeans(vectors: np.ndarray, num_codes: int, iterations: int, seed: Sequence[int]) -> np.ndarray:
    """Codes at the means of the vectors nearest to them.

    Starts with k-means++ (Arthur and Vassilvitskii 2007: each next code is a vector, drawn
    with a probability in proportion to its squared distance from the codes so far) on 16
    vectors per code. Between the iterations, codes without vectors move to the vectors
    that are farthest from their codes.

    Args:
        vectors: NumPy array `(number, dim)`, at least as many as codes.
        num_codes: Number of codes.
        iterations: Largest number of iterations; it ends earlier when no code moves.
        seed: Sequence of integers for NumPy's generator.

    Returns:
        NumPy array `(num_codes, dim)`, float32.
    """
    rng = np.random.default_rng(seed)
    vectors = np.asarray(vectors, "float32")
    some = rng.permutation(len(vectors))[: SEEDS_FROM * num_codes]
    codebook = _spread(vectors[some], num_codes, rng)
    tensor = ops.convert_to_tensor(vectors)
    for _ in range(iterations):
        codes = nearest_codes(tensor, ops.convert_to_tensor(codebook))
        sums = ops.convert_to_numpy(segment_sum(tensor, codes, num_codes))
        codes = ops.convert_to_numpy(codes)
        counts = np.bincount(codes, minlength=num_codes)
        means = sums / np.maximum(counts, 1)[:, None]
        empty = np.flatnonzero(counts == 0)
        if len(empty):
            distances = np.square(vectors - codebook[codes]).sum(1)
            means[empty] = vectors[np.argsort(-distances)[: len(empty)]]
        if np.array_equal(means, codebook):
            break
        codebook = means.astype("float32")
    return codebook


def kmeans_of_heads(vectors: np.ndarray, num_codes: int, iterations: int, seed: Sequence[int]) -> np.ndarray:
    """The k-means of each head, one after the other: `(number, heads, dim)` to `(heads * num_codes, dim)`."""
    seed = [int(word) for word in seed]
    heads = range(vectors.shape[1])
    return np.concatenate([kmeans(vectors[:, head], num_codes, iterations, (*seed, head)) for head in heads])


def _spread(vectors, num_codes, rng):
    chosen = [int(rng.integers(len(vectors)))]
    nearest = np.square(vectors - vectors[chosen[0]]).sum(1)
    for _ in range(num_codes - 1):
        total = nearest.sum(dtype="float64")
        # With fewer distinct vectors than codes all distances become 0.
        probabilities = nearest.astype("float64") / total if total > 0 else None
        chosen.append(int(rng.choice(len(vectors), p=probabilities)))
        nearest = np.minimum(nearest, np.square(vectors - vectors[chosen[-1]]).sum(1))
    return vectors[chosen]
