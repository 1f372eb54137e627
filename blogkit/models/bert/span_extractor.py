"""Span extractor on a BERT encoder, and its loss."""

import keras
from keras import ops

from blogkit.models.bert.token_vectors import PADDING_LOGIT, head_inputs, without_padding


def span_extractor(encoder):
    """A model that points at the first and the last token of one span.

        start = x w_1,   end = x w_2      x the vectors of the last layer, no bias

    as in subject_extract.py of bojone/bert_in_keras. Compile it with `SpanLoss()` and fit it to
    integer pairs (first, last); `blogkit.nlp.decode_subject` decodes its output.

    Args:
        encoder: Result of `bert_encoder`, or the upper part of `split_encoder`; its weights are
            trained and shared.

    Returns:
        A `keras.Model` from int32 token ids `(batch, length)`, 0 at padding, to float32 logits
        `(batch, length, 2)` of start and end, near -1e9 at padding; on an upper part from a dict of
        `token_ids` and `vectors`.

    Example:

    >>> import numpy as np
    >>> from blogkit.models.bert.bert_encoder import bert_encoder
    >>> model = span_extractor(bert_encoder(vocabulary_size=30, hidden_dim=4, num_layers=1, max_length=8))
    >>> logits = model(np.array([[3, 7, 9, 4, 0]], "int32"))
    >>> tuple(logits.shape), bool(logits[0, 4, 0] < -1e8)
    ((1, 5, 2), True)
    """
    inputs, ids, vectors = head_inputs(encoder)
    heads = keras.layers.Dense(2, use_bias=False, name="start_and_end")(vectors)
    return keras.Model(inputs, without_padding(heads, ids), name="span_extractor")


@keras.saving.register_keras_serializable("blogkit")
class SpanLoss(keras.losses.Loss):
    """Cross-entropy of the first token plus that of the last one.

        -log softmax(start)[first] - log softmax(end where position >= first)[last]

    The softmax of the end excludes positions before the true start, where no span can end.

    Args:
        ordered: Whether to exclude positions before the start.
        reduction, name: As for every `keras.losses.Loss`.

    Call arguments:
        y_true: Integers `(batch, 2)`, first and last position.
        y_pred: Logits `(batch, length, 2)`.

    Example:

    >>> import numpy as np
    >>> logits = np.zeros((1, 4, 2), "float32")  # four equally likely positions
    >>> round(np.exp(float(SpanLoss()(np.array([[2, 3]]), logits))).item(), 4)  # 4 starts, 2 ends
    8.0
    """

    def __init__(self, ordered: bool = True, reduction: str = "sum_over_batch_size", name: str = "span_loss"):
        super().__init__(reduction=reduction, name=name)
        self.ordered = ordered

    def call(self, y_true, y_pred):
        y_true, y_pred = ops.cast(y_true, "int32"), ops.cast(y_pred, "float32")
        start, end = y_pred[..., 0], y_pred[..., 1]
        if self.ordered:
            before = ops.arange(ops.shape(end)[1])[None] < y_true[:, :1]
            end = end + PADDING_LOGIT * ops.cast(before, "float32")
        parts = [
            ops.sparse_categorical_crossentropy(y_true[:, number], logits, from_logits=True)
            for number, logits in enumerate((start, end))
        ]
        return parts[0] + parts[1]

    def get_config(self):
        return {**super().get_config(), "ordered": self.ordered}
