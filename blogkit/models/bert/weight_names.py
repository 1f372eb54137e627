"""Name and shape in Hugging Face's format of each weight of a `BertEncoder` or `BertBackbone`."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import keras

from blogkit.models.bert.transformer import LAYER

# Layer of the encoder -> module of Hugging Face.
OUTSIDE = {
    "token_embedding": "embeddings.word_embeddings",
    "position_embedding": "embeddings.position_embeddings",
    "segment_embedding": "embeddings.token_type_embeddings",
    "embeddings_layer_norm": "embeddings.LayerNorm",
    "pooled_dense": "pooler.dense",
}
# The same inside `transformer_layer_i` and `encoder.layer.i`.
INSIDE = {
    "self_attention_layer/query": "attention.self.query",
    "self_attention_layer/key": "attention.self.key",
    "self_attention_layer/value": "attention.self.value",
    "self_attention_layer/attention_output": "attention.output.dense",
    "self_attention_layer_norm": "attention.output.LayerNorm",
    "feedforward_intermediate_dense": "intermediate.dense",
    "feedforward_output_dense": "output.dense",
    "feedforward_layer_norm": "output.LayerNorm",
}
KINDS = {"embeddings": "weight", "kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias"}
PREFIX = LAYER.format("")


class NamedVariable(NamedTuple):
    """A variable of the encoder, and what it is called in a file of Hugging Face.

    Attributes:
        name: As `encoder.layer.0.attention.self.query.weight`.
        shape: In the file, `(out, in)` for the kernel of a dense layer.
        variable: Of Keras: kernels are `(in, out)`, in attention `(in, heads, size)` and
            `(heads, size, out)`.
    """

    name: str
    shape: tuple[int, ...]
    variable: keras.Variable

    @property
    def is_kernel(self) -> bool:
        """Whether the two layouts are transposed."""
        return self.variable.path.endswith("/kernel")


def named_variables(encoder: keras.Model) -> Iterator[NamedVariable]:
    """Yield every weight of a BERT, with its name and shape in Hugging Face's format."""
    for variable in encoder.weights:
        layer, _, rest = variable.path.partition("/")
        module, _, kind = rest.rpartition("/")
        if layer.startswith(PREFIX):
            name = f"encoder.layer.{layer.removeprefix(PREFIX)}.{INSIDE[module]}"
        else:
            name = OUTSIDE[layer]
        yield NamedVariable(f"{name}.{KINDS[kind]}", _shape(variable), variable)


def _shape(variable):
    """Shape in the file: heads and size are one axis there."""
    shape, path = tuple(variable.shape), variable.path
    if path.endswith("/bias"):
        return (math.prod(shape),)
    if not path.endswith("/kernel"):
        return shape
    if len(shape) == 3:
        outgoing = path.endswith("attention_output/kernel")
        shape = (math.prod(shape[:2]), shape[2]) if outgoing else (shape[0], math.prod(shape[1:]))
    return shape[::-1]
