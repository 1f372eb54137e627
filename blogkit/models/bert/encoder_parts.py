"""The lower and the upper part of a BERT encoder, to compute the lower one once."""

import keras

from blogkit.checks import check_count
from blogkit.models.bert.transformer import LAYER


def split_encoder(encoder, count: int) -> tuple[keras.Model, keras.Model]:
    """The embeddings with the first `count` layers, and the other layers, with the weights of `encoder`.

    The lower model maps the inputs of `encoder` to vectors `(batch, length, dim)`. It is not trainable:
    its output may be computed once. The upper model maps a dict of `vectors` and `padding_mask`
    `(batch, length)` to `{"sequence_output": vectors}`. Both share their layers with `encoder`, so that
    training the upper one trains `encoder`.

    Args:
        encoder: Result of `bert_encoder`.
        count: Number of layers of the lower model.

    Raises:
        ValueError: If `count` is not between 0 and the number of layers minus 1.
    """
    check_count("count", count, 0)
    if count >= encoder.num_layers:
        raise ValueError(
            f"`count` must be less than the number of layers, {encoder.num_layers}. Received: count={count}."
        )
    below = encoder.get_layer(LAYER.format(count - 1) if count else "embeddings_dropout")
    lower = keras.Model(encoder.input, below.output, name="bert_lower")
    lower.trainable = False
    vectors = keras.Input((None, encoder.hidden_dim), name="vectors", dtype=below.compute_dtype)
    mask = keras.Input((None,), dtype="int32", name="padding_mask")
    hidden = vectors
    for number in range(count, encoder.num_layers):
        hidden = encoder.get_layer(LAYER.format(number))(hidden, padding_mask=mask)
    inputs = {"vectors": vectors, "padding_mask": mask}
    return lower, keras.Model(inputs, {"sequence_output": hidden}, name="bert_upper")
