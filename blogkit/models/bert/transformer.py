"""The network of BERT, of keras-hub's layers: embeddings, Transformer layers, pooler."""

import keras

from blogkit.extras import import_extra

LAYER = "transformer_layer_{}"
EPSILON = 1e-12  # of the layer norms
WITHOUT_TENSORFLOW = (
    "Where TensorFlow is not wanted: pip install 'blogkit[bert-parts]' and pip install --no-deps keras-hub."
)


@keras.saving.register_keras_serializable("blogkit")
class BertEncoder(keras.Model):
    """BERT (Devlin et al. 2018, section 3), with the names of layers of `keras_hub.models.BertBackbone`.

    That class has the tanh approximation of GELU only and always a pooler; with both, the two are
    the same network with the same initial weights. See `bert_encoder` for inputs and outputs.

    Args:
        vocabulary_size: Number of tokens.
        num_layers: Number of Transformer layers.
        num_heads: Number of attention heads, a divisor of `hidden_dim`.
        hidden_dim: Length of a vector.
        intermediate_dim: Width of the feed-forward layers.
        dropout: Dropout rate in training.
        max_sequence_length: Longest sequence.
        num_segments: Number of segments.
        exact_gelu: GELU by erf; else its approximation by tanh.
        pooler: Also the output `pooled_output`.
        random: Random initial weights; else zeros, for weights that are loaded afterwards.
    """

    def __init__(
        self,
        *,
        vocabulary_size: int,
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        intermediate_dim: int,
        dropout: float = 0.1,
        max_sequence_length: int = 512,
        num_segments: int = 2,
        exact_gelu: bool = True,
        pooler: bool = False,
        random: bool = True,
        **kwargs,
    ):
        layers = import_extra("keras_hub.layers", "bert_encoder", WITHOUT_TENSORFLOW)

        def initial():
            return keras.initializers.TruncatedNormal(stddev=0.02) if random else "zeros"

        token_embedding = layers.ReversibleEmbedding(
            vocabulary_size, hidden_dim, embeddings_initializer=initial(), name="token_embedding"
        )
        position_embedding = layers.PositionEmbedding(
            max_sequence_length, initializer=initial(), name="position_embedding"
        )
        segment_embedding = keras.layers.Embedding(
            num_segments, hidden_dim, embeddings_initializer=initial(), name="segment_embedding"
        )
        norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="embeddings_layer_norm")
        drop = keras.layers.Dropout(dropout, name="embeddings_dropout")
        blocks = [
            layers.TransformerEncoder(
                num_heads=num_heads,
                intermediate_dim=intermediate_dim,
                activation=keras.activations.gelu if exact_gelu else tanh_gelu,
                dropout=dropout,
                layer_norm_epsilon=EPSILON,
                kernel_initializer=initial(),
                name=LAYER.format(number),
            )
            for number in range(num_layers)
        ]
        pooled_dense = None
        if pooler:
            pooled_dense = keras.layers.Dense(
                hidden_dim, activation="tanh", kernel_initializer=initial(), name="pooled_dense"
            )
        inputs = {
            name: keras.Input((None,), dtype="int32", name=name)
            for name in ("token_ids", "segment_ids", "padding_mask")
        }
        tokens = token_embedding(
            PositionLimit(max_sequence_length, name="position_limit")(inputs["token_ids"])
        )
        added = keras.layers.Add(name="embeddings_add")
        vectors = added((tokens, position_embedding(tokens), segment_embedding(inputs["segment_ids"])))
        vectors = drop(norm(vectors))
        for block in blocks:
            vectors = block(vectors, padding_mask=inputs["padding_mask"])
        outputs = {"sequence_output": vectors}
        if pooler:
            outputs["pooled_output"] = pooled_dense(vectors[:, 0])
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)
        self.token_embedding, self.pooled_dense = token_embedding, pooled_dense
        self.vocabulary_size, self.num_layers, self.num_heads = vocabulary_size, num_layers, num_heads
        self.hidden_dim, self.intermediate_dim, self.dropout = hidden_dim, intermediate_dim, dropout
        self.max_sequence_length, self.num_segments = max_sequence_length, num_segments
        self.exact_gelu, self.pooler = exact_gelu, pooler

    def get_config(self) -> dict:
        names = (
            "vocabulary_size",
            "num_layers",
            "num_heads",
            "hidden_dim",
            "intermediate_dim",
            "dropout",
            "max_sequence_length",
            "num_segments",
            "exact_gelu",
            "pooler",
        )
        return {"name": self.name, "trainable": self.trainable} | {
            name: getattr(self, name) for name in names
        }

    @classmethod
    def from_config(cls, config: dict) -> "BertEncoder":
        return cls(**config)


@keras.saving.register_keras_serializable("blogkit")
class PositionLimit(keras.layers.Layer):
    """Passes token ids on, unless there are more than positions.

    Without it the first text that is too long ends in an error about shapes that cannot be added. Where
    a compiled function leaves the length open, only the backend's own error is raised.
    """

    def __init__(self, positions: int, **kwargs):
        super().__init__(**kwargs)
        self.positions = positions

    def call(self, ids):
        length = ids.shape[1]
        if isinstance(length, int) and length > self.positions:
            raise ValueError(
                f"`token_ids` must have at most {self.positions} tokens, the positions of the encoder. "
                f"Received: token_ids of shape {tuple(ids.shape)}. "
                f"Cut the texts: `CharTokenizer.encode(text, max_length={self.positions})`."
            )
        return ids

    def compute_output_spec(self, ids):  # else Keras tries lengths of its own
        return keras.KerasTensor(ids.shape, ids.dtype)

    def get_config(self) -> dict:
        return {**super().get_config(), "positions": self.positions}


@keras.saving.register_keras_serializable("blogkit")
def tanh_gelu(x):
    """x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), near the GELU by erf (Hendrycks and Gimpel 2016)."""
    return keras.activations.gelu(x, approximate=True)
