"""Masked language model, the pre-training task of BERT."""

import keras

from blogkit.extras import import_extra
from blogkit.models.bert.token_vectors import head_inputs


def masked_language_model(encoder):
    """A model that predicts masked tokens from all others (Devlin et al. 2018, arXiv:1810.04805).

    The vectors at the masked positions pass a dense layer (GELU, layer normalization), then

        logits = E h + b

    with the encoder's token embedding E: the output is tied to the input. Compile it with
    `keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=
    "mean_with_sample_weight")`, and with `inputs, labels, weights = blogkit.nlp.masked_tokens(...)`
    train it by `fit(inputs, labels, sample_weight=weights)`, with new masks for each epoch.

    Args:
        encoder: Result of `bert_encoder`; its weights are trained and shared, so that other models
            on the same encoder start from the pre-trained weights.

    Returns:
        A `keras.Model` from a dict of int32 `token_ids` `(batch, length)` and `mask_positions`
        `(batch, chosen)` to float32 logits `(batch, chosen, vocabulary)`.

    Example:

    >>> import numpy as np
    >>> from blogkit.models.bert.bert_encoder import bert_encoder
    >>> encoder = bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=1, max_length=8)
    >>> model = masked_language_model(encoder)
    >>> inputs = {"token_ids": np.array([[3, 7, 5, 4]]), "mask_positions": np.array([[2]])}
    >>> tuple(model(inputs).shape)
    (1, 1, 30)
    """
    MaskedLMHead = import_extra("keras_hub.layers", needed_by="masked_language_model").MaskedLMHead
    _, ids, vectors = head_inputs(encoder)
    positions = keras.Input((None,), dtype="int32", name="mask_positions")
    head = MaskedLMHead(token_embedding=encoder.token_embedding, intermediate_activation="gelu", name="guess")
    logits = head(vectors, mask_positions=positions)
    logits = keras.layers.Activation("linear", dtype="float32")(logits)
    return keras.Model({"token_ids": ids, "mask_positions": positions}, logits, name="masked_language_model")
