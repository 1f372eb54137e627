"""A sentence in, one chance out: BERT and a layer of a single unit."""

import keras

from blogkit.checks import check_count
from blogkit.models.bert.token_vectors import token_ids, token_vectors


def text_classifier(encoder, hidden=()):
    """A model that says how likely a text is of class 1: sigmoid(w x[0] + b), x[0] the vector of `[CLS]`.

    As sentiment.py of bojone/bert_in_keras: the vector is that of the last layer and not the
    pooler's, and nothing stands between, which is the article's advice. Compile it with
    `loss="binary_crossentropy"`; all weights of the encoder are trained and shared with it.

    Args:
        encoder: What `bert_encoder` gives.
        hidden: Widths of layers (relu) to put between nevertheless.

    Returns:
        A `keras.Model` from int32 token ids `(batch, length)`, 0 at padding, to float32
        `(batch, 1)`.

    Raises:
        ValueError: For a width below 1.

    Example:

    >>> import numpy as np
    >>> from blogkit.models.bert.bert_encoder import bert_encoder
    >>> model = text_classifier(bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=1, max_length=8))
    >>> tuple(model(np.array([[3, 7, 9, 4, 0]], "int32")).shape)
    (1, 1)
    """
    for width in hidden:
        check_count("hidden", width, 1)
    ids = token_ids()
    vector = token_vectors(encoder, ids)[:, 0]
    for width in hidden:
        vector = keras.layers.Dense(width, activation="relu")(vector)
    chance = keras.layers.Dense(1, activation="sigmoid", dtype="float32")(vector)
    return keras.Model(ids, chance, name="text_classifier")
