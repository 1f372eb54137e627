"""Token vectors of a BERT encoder, and the padding of its inputs and logits."""

import keras
from keras import ops

PADDING_LOGIT = -1e9  # of padding, in float32 logits: in float16 it would be infinite


def head_inputs(encoder):
    """What a model on BERT takes: `(its inputs, the token ids among them, the token vectors)`.

    Its input is int32 token ids `(batch, length)`, 0 at padding. On the upper part of `split_encoder` it
    is a dict of these `token_ids` and of the `vectors` that the lower part has computed for them.
    """
    ids = keras.Input((None,), dtype="int32", name="token_ids")
    if "vectors" not in encoder.input:
        return ids, ids, token_vectors(encoder, ids)
    below = encoder.input["vectors"]
    vectors = keras.Input(below.shape[1:], dtype=below.dtype, name="vectors")
    found = without_pooler(encoder)({"vectors": vectors, "padding_mask": padding_mask(ids)})
    return {"token_ids": ids, "vectors": vectors}, ids, found


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
        "padding_mask": padding_mask(ids),
    }


def padding_mask(ids):
    """int32 `(batch, length)`, 1 at tokens and 0 at padding."""
    return ops.cast(ops.greater(ids, 0), "int32")


def without_padding(logits, ids):
    """Logits `(batch, length, classes)` in float32, lowered by 1e9 at padding."""
    padding = ops.cast(ops.equal(ops.expand_dims(ids, -1), 0), "float32")
    return ops.cast(logits, "float32") + PADDING_LOGIT * padding


def mean_of_tokens(vectors, ids):
    """The mean `(batch, dim)` of vectors `(batch, length, dim)`, without those at padding."""
    mask = ops.cast(ops.expand_dims(padding_mask(ids), -1), vectors.dtype)
    return ops.sum(vectors * mask, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1)
