"""DGCNN: dilated gated convolutions with pointers to subjects and their objects."""

from collections.abc import Sequence

import keras
from keras import ops

from blogkit.checks import check_count
from blogkit.layers import DilatedGatedConv1D, SelfAttention
from blogkit.ops import random_key

DILATIONS = (1, 2, 5) * 3 + (1, 1, 1)
SAMPLES = 5  # steps from a subject's end to its start, so six vectors


@keras.saving.register_keras_serializable("blogkit")
class DGCNN(keras.layers.Layer):
    """The network of kexue.fm/archives/6671, for `TripleExtractor`.

    It follows bojone/kg-2019 without the frozen word vectors, which are not publicly available.

    - `encode`: an embedding of characters plus one of positions, initially zero, dropout, and a
      `DilatedGatedConv1D` per entry of `dilations`. With the default twelve the receptive field is
      55 characters.
    - Priors from x alone: n1 and n2, the probabilities that any entity starts or ends at a
      position; c, the probability that a predicate occurs in the sentence, from the maximum of x
      over its positions. They are trained only through the products below.
    - `subjects`: a convolution over [x, attention(x)], then start and end, each multiplied by its n.
    - `objects`: the subject (k1, k2) as six vectors of x between k2 and k1 through a
      bidirectional GRU, plus the position embeddings of the distances |i - k1| and |i - k2|. A
      convolution over [x, attention(x), subject] gives h, and with a gate shared by all predicates

          P(object starts at i with predicate p) = gate(h_i) s_p(h_i) c_p n1_i

      and the same with n2 for ends.

    Args:
        vocabulary_size: Number of tokens.
        num_predicates: Number of predicates.
        max_length: Number of position embeddings.
        dim: Width of all vectors.
        dilations: Dilation of each block.
        num_heads, head_dim: Heads of both attention layers, and their width.
        dropout: Rate after the embedding.
        gate_dropout: Rate in the gates of the blocks.
        priors: Whether to multiply probabilities by n1, n2 and c.
        conditioned: Whether objects depend on the subject.
        seed: Seed of the dropout masks, a non-negative integer, or None.

    Raises:
        ValueError: If a size is out of range.

    Example:

    >>> import numpy as np
    >>> from blogkit.models import DGCNN
    >>> network = DGCNN(vocabulary_size=10, num_predicates=3, max_length=7, dim=8, dilations=(1, 2))
    >>> tokens = np.array([[4, 5, 6, 0, 0, 0, 0]])
    >>> network.build(tokens.shape)
    >>> x = network.encode(tokens, tokens > 0)
    >>> tuple(network.objects(x, tokens > 0, np.array([1]), np.array([2])).shape)
    (1, 7, 2, 3)
    """

    def __init__(
        self,
        vocabulary_size: int,
        num_predicates: int,
        max_length: int = 512,
        dim: int = 128,
        dilations: Sequence[int] = DILATIONS,
        num_heads: int = 8,
        head_dim: int = 16,
        dropout: float = 0.25,
        gate_dropout: float = 0.1,
        priors: bool = True,
        conditioned: bool = True,
        seed: int | None = None,
        **kwargs,
    ):
        check_count("vocabulary_size", vocabulary_size)
        check_count("num_predicates", num_predicates)
        check_count("max_length", max_length)
        check_count("dim", dim)
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.num_predicates = num_predicates
        self.max_length = max_length
        self.dim = dim
        self.dilations = tuple(dilations)
        self.num_heads = num_heads
        self.head_dim = head_dim
        self.dropout = dropout
        self.gate_dropout = gate_dropout
        self.priors = priors
        self.conditioned = conditioned
        self.seed = seed
        seeds = [
            None if seed is None else int(random_key(seed, n)[0] >> 1) for n in range(len(self.dilations) + 1)
        ]
        options = dict(dtype=self.dtype_policy)
        self.embedding = keras.layers.Embedding(vocabulary_size, dim, name="embedding", **options)
        self.positions = keras.layers.Embedding(max_length, dim, "zeros", name="positions", **options)
        self.embedding_dropout = keras.layers.Dropout(dropout, seed=seeds[0], **options)
        self.blocks = [
            DilatedGatedConv1D(3, dilation, gate_dropout, s, name=f"block_{number}", **options)
            for number, (dilation, s) in enumerate(zip(self.dilations, seeds[1:]))
        ]
        self.subject_attention = SelfAttention(num_heads, head_dim, name="subject_attention", **options)
        self.object_attention = SelfAttention(num_heads, head_dim, name="object_attention", **options)
        self.gru = keras.layers.Bidirectional(
            keras.layers.GRU(dim, unroll=True, **options), name="gru", **options
        )

        def convolution(name):
            return keras.layers.Conv1D(dim, 3, padding="same", activation="relu", name=name, **options)

        def probability(count, name):  # float32, for the products and logarithms that follow
            return keras.layers.Dense(count, activation="sigmoid", name=name, dtype="float32")

        def hidden(name):
            return keras.layers.Dense(dim, activation="relu", name=name, **options)

        self.subject_convolution, self.object_convolution = map(
            convolution, ("subject_convolution", "object_convolution")
        )
        self.subject_output = probability(2, "subject_output")
        self.object_gate = probability(1, "object_gate")
        self.object_output = probability(2 * num_predicates, "object_output")
        self.start_hidden, self.end_hidden, self.predicate_hidden = map(
            hidden, ("start_hidden", "end_hidden", "predicate_hidden")
        )
        self.start_prior, self.end_prior = probability(1, "start_prior"), probability(1, "end_prior")
        self.predicate_prior = probability(num_predicates, "predicate_prior")

    def build(self, tokens_shape):
        length, dim, attended = tokens_shape[1], self.dim, self.num_heads * self.head_dim
        for table in (self.embedding, self.positions):
            table.build((None, length))
        x = (None, length, dim)
        for layer in (*self.blocks, self.subject_attention, self.object_attention):
            layer.build(x)
        self.subject_convolution.build((None, length, dim + attended))
        for layer in (self.subject_output, self.object_gate, self.object_output):
            layer.build(x)
        if self.conditioned:
            self.gru.build((None, SAMPLES + 1, dim))
        self.object_convolution.build((None, length, dim + attended + (2 * dim if self.conditioned else 0)))
        if self.priors:
            for layer in (self.start_hidden, self.end_hidden, self.start_prior, self.end_prior):
                layer.build(x)
            for layer in (self.predicate_hidden, self.predicate_prior):
                layer.build((None, dim))
        self.built = True

    def call(self, tokens, training=False):
        """`encode`, for use as a layer."""
        return self.encode(tokens, ops.greater(tokens, 0), training)

    def encode(self, tokens, mask, training: bool = False):
        """x, `(batch, length, dim)`, 0 outside of the mask."""
        places = ops.arange(tokens.shape[1], dtype="int32")
        x = self.embedding(tokens) + self.positions(places)
        x = self.embedding_dropout(x, training=training) * self._inside(mask)
        for block in self.blocks:
            x = block(x, mask=mask, training=training)
        return x

    def subjects(self, x, mask, training: bool = False):
        """Probabilities of starts and ends, `(batch, length, 2)`."""
        attended = self.subject_attention(x, mask=mask)
        h = self.subject_convolution(ops.concatenate([x, attended], axis=-1))
        return self.subject_output(h) * self._entity_priors(x)

    def objects(self, x, mask, start, end, training: bool = False):
        """Probabilities of starts and ends by predicate, `(batch, length, 2, num_predicates)`."""
        parts = [x, self.object_attention(x, mask=mask)]
        if self.conditioned:
            parts.append(self._subject_vectors(x, start, end) * self._inside(mask))
        h = self.object_convolution(ops.concatenate(parts, axis=-1))
        shape = (-1, x.shape[1], 2, self.num_predicates)
        found = ops.reshape(self.object_gate(h) * self.object_output(h), shape)
        if not self.priors:
            return found
        predicates = self._predicate_prior(x, mask)[:, None, None, :]
        return found * predicates * ops.expand_dims(self._entity_priors(x), -1)

    def _subject_vectors(self, x, start, end):
        """The subject as seen from each position, `(batch, length, 2 * dim)`."""
        start, end = (ops.cast(place, "int32")[:, None] for place in (start, end))
        steps = ops.arange(SAMPLES + 1, dtype="int32")[None]
        # round(start a + end (1 - a)) at a = steps / SAMPLES, which is odd: never half-way
        places = (2 * (SAMPLES * end + steps * (start - end)) + SAMPLES) // (2 * SAMPLES)
        sampled = ops.take_along_axis(x, places[..., None], axis=1)
        everywhere = ops.arange(x.shape[1], dtype="int32")[None]
        distances = [self.positions(ops.abs(everywhere - place)) for place in (start, end)]
        return self.gru(sampled)[:, None] + ops.concatenate(distances, axis=-1)

    def _entity_priors(self, x):
        """n1 and n2, `(batch, length, 2)`."""
        if not self.priors:
            return 1.0
        priors = self.start_prior(self.start_hidden(x)), self.end_prior(self.end_hidden(x))
        return ops.concatenate(priors, axis=-1)

    def _predicate_prior(self, x, mask):
        """c, `(batch, num_predicates)`."""
        inside = ops.expand_dims(ops.cast(mask, "bool"), -1)
        largest = ops.max(ops.where(inside, x, ops.full_like(x, -6e4)), axis=1)  # finite in float16, too
        largest = ops.where(ops.any(inside, axis=1), largest, ops.zeros_like(largest))
        return self.predicate_prior(self.predicate_hidden(largest))

    def _inside(self, mask):
        return ops.cast(ops.expand_dims(mask, -1), self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "num_predicates": self.num_predicates,
            "max_length": self.max_length,
            "dim": self.dim,
            "dilations": list(self.dilations),
            "num_heads": self.num_heads,
            "head_dim": self.head_dim,
            "dropout": self.dropout,
            "gate_dropout": self.gate_dropout,
            "priors": self.priors,
            "conditioned": self.conditioned,
            "seed": self.seed,
        }
