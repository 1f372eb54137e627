"""BERT of keras-hub: from a folder of weights, or small and untrained."""

import warnings
from pathlib import Path

from blogkit.checks import check_count
from blogkit.extras import import_extra

WITHOUT_TENSORFLOW = (
    "Where TensorFlow is not wanted: pip install 'blogkit[bert-parts]' and pip install --no-deps keras-hub."
)


def bert_encoder(
    folder=None,
    *,
    vocabulary_size=None,
    hidden_dim=128,
    num_layers=2,
    num_heads=2,
    max_length=160,
    dropout=0.1,
):
    """A `keras_hub.models.BertBackbone`: token ids to a vector for each, all layers trainable.

    Inputs, a dict of int32 `(batch, length)`: `token_ids`, `segment_ids` (0 or 1) and
    `padding_mask` (1 at a token, 0 at padding; nothing infers it). Outputs, a dict:
    `sequence_output` `(batch, length, hidden_dim)`, whose position 0 is that of `[CLS]`, and
    `pooled_output` `(batch, hidden_dim)`, which the articles do not use. keras-hub's GELU is the
    approximation by tanh whatever a folder's config.json says.

    Args:
        folder: A folder in the format of Hugging Face or Keras, for example `preset/` that
            `python -m data_download get chinese_bert` makes of Google's. The sizes below are
            then the folder's.
        vocabulary_size: Number of tokens; needed without a folder, compared with one.
        hidden_dim: Size of a vector; the layers between have 4 times as much.
        num_layers: Number of Transformer layers.
        num_heads: Number of attention heads, a divisor of `hidden_dim`.
        max_length: Longest sequence.
        dropout: Share of entries that training drops.

    Raises:
        ModuleNotFoundError: If keras-hub is not installed.
        ValueError: If a size is not possible, `folder` holds no weights, or its vocabulary has
            another size.

    Example:

    >>> import numpy as np
    >>> encoder = bert_encoder(vocabulary_size=30, hidden_dim=8, max_length=16)
    >>> ids = np.array([[3, 7, 9, 4, 0]], "int32")
    >>> inputs = {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": ids > 0}
    >>> tuple(encoder(inputs)["sequence_output"].shape)
    (1, 5, 8)
    """
    if folder is None:
        _check_sizes(vocabulary_size, hidden_dim, num_layers, num_heads, max_length, dropout)
    elif not (Path(folder) / "config.json").is_file():
        raise ValueError(
            f"A folder of BERT needs config.json beside its weights. Received: {str(folder)!r}. "
            "From a clone of blogkit, this makes one of Google's checkpoint: "
            "python -m data_download get chinese_bert"
        )
    with warnings.catch_warnings():
        # Its progress bars look for a notebook's widgets, which nothing here needs.
        warnings.filterwarnings("ignore", message="IProgress not found")
        BertBackbone = import_extra("keras_hub.models", "bert_encoder", WITHOUT_TENSORFLOW).BertBackbone
    if folder is None:
        return BertBackbone(
            vocabulary_size=vocabulary_size,
            num_layers=num_layers,
            num_heads=num_heads,
            hidden_dim=hidden_dim,
            intermediate_dim=4 * hidden_dim,
            dropout=dropout,
            max_sequence_length=max_length,
        )
    encoder = BertBackbone.from_preset(str(Path(folder).resolve()), dropout=dropout)
    if vocabulary_size is not None and vocabulary_size != encoder.vocabulary_size:
        raise ValueError(
            f"{folder} knows {encoder.vocabulary_size} tokens. Received: vocabulary_size={vocabulary_size}. "
            "Use the vocab.txt that came with the weights."
        )
    return encoder


def _check_sizes(vocabulary_size, hidden_dim, num_layers, num_heads, max_length, dropout):
    if vocabulary_size is None:
        raise ValueError("`vocabulary_size` is needed where no folder of weights is given. Received: None.")
    check_count("vocabulary_size", vocabulary_size, 1)
    check_count("hidden_dim", hidden_dim, 1)
    check_count("num_layers", num_layers, 1)
    check_count("num_heads", num_heads, 1)
    check_count("max_length", max_length, 2)
    if hidden_dim % num_heads:
        raise ValueError(
            f"`hidden_dim` must be a multiple of `num_heads`. Received: hidden_dim={hidden_dim}, "
            f"num_heads={num_heads}."
        )
    if not 0 <= dropout < 1:
        raise ValueError(f"`dropout` must be at least 0 and below 1. Received: dropout={dropout}.")
