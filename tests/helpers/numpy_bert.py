"""BERT in NumPy, from the paper (Devlin et al. 2018) and the released code's order of operations.

Weights are a dict by the names of Hugging Face, kernels `(out, in)`.
"""

import numpy as np


def random_weights(rng, vocabulary, dim, layers, inner, positions):
    """Random float32 weights, large enough that every part of the network affects the output."""
    shapes = {
        "embeddings.word_embeddings.weight": (vocabulary, dim),
        "embeddings.position_embeddings.weight": (positions, dim),
        "embeddings.token_type_embeddings.weight": (2, dim),
    }
    norms = ["embeddings.LayerNorm"]
    dense = {"pooler.dense": (dim, dim)}
    for number in range(layers):
        layer = f"encoder.layer.{number}."
        norms += [layer + "attention.output.LayerNorm", layer + "output.LayerNorm"]
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            dense[f"{layer}attention.{part}"] = (dim, dim)
        dense[layer + "intermediate.dense"], dense[layer + "output.dense"] = (inner, dim), (dim, inner)
    for name, shape in dense.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    for name in norms:
        shapes |= {f"{name}.weight": (dim,), f"{name}.bias": (dim,)}
    return {name: rng.normal(scale=0.5, size=shape).astype("float32") for name, shape in shapes.items()}


def numpy_bert(weights, ids, segments, heads, exact_gelu=False):
    """Last hidden states `(batch, length, dim)` in float64, and pooled outputs; id 0 is padding."""
    weights = {name: array.astype("float64") for name, array in weights.items()}
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))

    def dense(name, x):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = norm("embeddings.LayerNorm", x + weights["embeddings.token_type_embeddings.weight"][segments])
    batch, length, dim = x.shape
    for number in range(layers):
        layer = f"encoder.layer.{number}."
        query, key, value = (
            dense(f"{layer}attention.self.{part}", x).reshape(batch, length, heads, -1).swapaxes(1, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(dim // heads)
        scores = np.where((ids > 0)[:, None, None, :], scores, -np.inf)
        chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
        chances /= chances.sum(axis=-1, keepdims=True)
        attended = (chances @ value).swapaxes(1, 2).reshape(batch, length, dim)
        x = norm(f"{layer}attention.output.LayerNorm", x + dense(f"{layer}attention.output.dense", attended))
        inner = _gelu(dense(f"{layer}intermediate.dense", x), exact_gelu)
        x = norm(f"{layer}output.LayerNorm", x + dense(f"{layer}output.dense", inner))
    return x, np.tanh(dense("pooler.dense", x[:, 0]))


def _gelu(x, exact):
    if exact:  # x Phi(x), as the paper cites it
        from math import erf

        return x * 0.5 * (1 + np.vectorize(erf)(x / np.sqrt(2)))
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
