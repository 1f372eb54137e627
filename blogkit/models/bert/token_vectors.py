"""Token vectors of a BERT encoder, and the padding of its inputs and logits."""

import keras
from keras import ops

PADDING_LOGIT = -1e9  # of padding, in float32 logits: in float16 it would be infinite


def token_ids():
    """The input of the models on BERT: int32 `(batch, length)`, 0 at padding."""
    return keras.Input((None,), dtype="int32", name="token_ids")


def token_vectors(encoder, ids):
    """The vectors `(batch, length, hidden_dim)` of `ids`, all in segment 0, without the pooler."""
    return without_pooler(encoder)(encoder_inputs(ids))


def without_pooler(encoder):
    """`encoder` up to its token vectors: Keras warns of the pooler, which would have no gradient."""
    if not isinstance(encoder.output, dict):
        return encoder
    return keras.Model(encoder.input, encoder.output["sequence_output"], name="bert")


def encoder_inputs(ids) -> dict:
    """Inputs of a `bert_encoder` for ids in segment 0."""
    ids = ops.cast(ids, "int32")
    return {
        "token_ids": ids,
        "segment_ids": ops.zeros_like(ids),
        "padding_mask": ops.cast(ops.greater(ids, 0), "int32"),
    }


def without_padding(logits, ids):
    """Logits `(batch, length, classes)` in float32, lowered by 1e9 at padding."""
    padding = ops.cast(ops.equal(ops.expand_dims(ids, -1), 0), "float32")
    return ops.cast(logits, "float32") + PADDING_LOGIT * padding
