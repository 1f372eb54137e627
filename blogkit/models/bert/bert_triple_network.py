"""Network of a triple extractor: BERT with linear pointer heads."""

import keras
from keras import ops

from blogkit.checks import check_count
from blogkit.models.bert.token_vectors import encoder_inputs, without_pooler

RARE = -4.0  # initial bias: few positions are starts or ends


@keras.saving.register_keras_serializable("blogkit")
class BertTripleNetwork(keras.layers.Layer):
    """The network of relation_extract.py in bojone/bert_in_keras, for `TripleExtractor`.

        subjects:  sigmoid(x w + b), start and end
        objects:   sigmoid((x + (x[start] + x[end]) / 2) W + c), start and end for each predicate

    x are the vectors of BERT's last layer; the mean of the subject's two vectors is added at every
    position. BERT has already read the sentence, so the heads need no further layers. Unlike in
    the original, b and c start at -4, so that all probabilities start small.

    Args:
        encoder: Result of `bert_encoder`; its weights are trained and shared.
        num_predicates: Number of predicates.

    Raises:
        ValueError: If `num_predicates` is below 1.

    Example:

    >>> import numpy as np
    >>> from blogkit.models.bert.bert_encoder import bert_encoder
    >>> encoder = bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=1, max_length=7)
    >>> network = BertTripleNetwork(encoder, num_predicates=3)
    >>> tokens = np.array([[4, 5, 6, 0, 0, 0, 0]])
    >>> network.build(tokens.shape)
    >>> x = network.encode(tokens, tokens > 0)
    >>> tuple(network.objects(x, tokens > 0, np.array([1]), np.array([2])).shape)
    (1, 7, 2, 3)
    """

    def __init__(self, encoder, num_predicates: int, **kwargs):
        check_count("num_predicates", num_predicates, 1)
        super().__init__(**kwargs)
        self.num_predicates = num_predicates
        self.encoder = without_pooler(encoder)
        options = dict(
            activation="sigmoid", bias_initializer=keras.initializers.Constant(RARE), dtype="float32"
        )
        self.subject_output = keras.layers.Dense(2, name="subject_output", **options)
        self.object_output = keras.layers.Dense(2 * num_predicates, name="object_output", **options)

    def build(self, tokens_shape):
        x = (None, None, self.encoder.output.shape[-1])
        self.subject_output.build(x)
        self.object_output.build(x)
        self.built = True

    def call(self, tokens, training=False):
        """`encode`, for use as a layer."""
        return self.encode(tokens, None, training)

    def encode(self, tokens, mask, training: bool = False):
        """x, `(batch, length, hidden_dim)`; padding is where `tokens` are 0."""
        return self.encoder(encoder_inputs(tokens), training=training)

    def subjects(self, x, mask, training: bool = False):
        """Probabilities of starts and ends, `(batch, length, 2)`."""
        return self.subject_output(x)

    def objects(self, x, mask, start, end, training: bool = False):
        """Probabilities of starts and ends by predicate, `(batch, length, 2, num_predicates)`."""
        ends = ops.stack([ops.cast(start, "int32"), ops.cast(end, "int32")], axis=1)
        subject = ops.mean(ops.take_along_axis(x, ends[..., None], axis=1), axis=1, keepdims=True)
        pointers = self.object_output(x + subject)
        return ops.reshape(pointers, (-1, ops.shape(x)[1], 2, self.num_predicates))

    def get_config(self):
        encoder = keras.saving.serialize_keras_object(self.encoder)
        return {**super().get_config(), "encoder": encoder, "num_predicates": self.num_predicates}

    @classmethod
    def from_config(cls, config):
        encoder = keras.saving.deserialize_keras_object(config["encoder"])
        return cls(**{**config, "encoder": encoder})
