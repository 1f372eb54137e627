"""Binary text classifier on a BERT encoder."""

from collections.abc import Sequence

import keras

from blogkit.checks import check_count
from blogkit.models.bert.token_vectors import head_inputs, mean_of_tokens

POOLINGS = ("cls", "mean")


def text_classifier(encoder, hidden: Sequence[int] = (), pooling: str = "cls"):
    """A model of the probability of class 1: sigmoid(w x[0] + b), x[0] the vector of `[CLS]`.

    As in sentiment.py of bojone/bert_in_keras, x[0] comes from the last layer, not from the pooler,
    and goes directly to the output, as the article advises. Compile it with
    `loss="binary_crossentropy"`; all weights of the encoder but the pooler's are trained and shared.

    Args:
        encoder: Result of `bert_encoder`, or the upper part of `split_encoder`.
        hidden: Widths of additional dense layers (relu) before the output.
        pooling: `"cls"`, or `"mean"`: the mean of the vectors of all tokens, padding aside, in place
            of x[0]. The encoder of `multilingual_bert` was trained with it.

    Returns:
        A `keras.Model` from int32 token ids `(batch, length)`, 0 at padding, to float32
        `(batch, 1)`; on an upper part from a dict of `token_ids` and `vectors`.

    Raises:
        ValueError: For a width below 1 or another pooling.

    Example:

    >>> import numpy as np
    >>> from blogkit.models.bert.bert_encoder import bert_encoder
    >>> model = text_classifier(bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=1, max_length=8))
    >>> tuple(model(np.array([[3, 7, 9, 4, 0]], "int32")).shape)
    (1, 1)
    """
    for width in hidden:
        check_count("hidden", width, 1)
    if pooling not in POOLINGS:
        raise ValueError(
            f"`pooling` must be {' or '.join(map(repr, POOLINGS))}. Received: pooling={pooling!r}."
        )
    inputs, ids, vectors = head_inputs(encoder)
    vector = vectors[:, 0] if pooling == "cls" else mean_of_tokens(vectors, ids)
    for width in hidden:
        vector = keras.layers.Dense(width, activation="relu")(vector)
    probability = keras.layers.Dense(1, activation="sigmoid", dtype="float32")(vector)
    return keras.Model(inputs, probability, name="text_classifier")
