"""BERT encoder of keras-hub, from a folder of weights or small and untrained."""

import warnings
from pathlib import Path

from blogkit.checks import check_count, check_rate
from blogkit.extras import import_extra

WITHOUT_TENSORFLOW = (
    "Where TensorFlow is not wanted: pip install 'blogkit[bert-parts]' and pip install --no-deps keras-hub."
)


def bert_encoder(
    folder: str | Path | None = None,
    *,
    vocabulary_size: int | None = None,
    hidden_dim: int = 128,
    num_layers: int = 2,
    num_heads: int = 2,
    max_length: int = 160,
    dropout: float = 0.1,
):
    """A `keras_hub.models.BertBackbone`, from token ids to one vector per token, all layers trainable.

    Inputs, a dict of int32 `(batch, length)`: `token_ids`, `segment_ids` (0 or 1) and
    `padding_mask` (1 at tokens, 0 at padding; it is not inferred from the ids). Outputs, a dict:
    `sequence_output` `(batch, length, hidden_dim)`, with `[CLS]` at position 0, and
    `pooled_output` `(batch, hidden_dim)`, which the articles do not use. keras-hub always uses
    the tanh approximation of GELU, whatever config.json says.

    Args:
        folder: Folder of weights in the format of Hugging Face or Keras, for example the `preset/`
            that `python -m data_download get chinese_bert` makes from Google's checkpoint. It
            determines the sizes below.
        vocabulary_size: Number of tokens; required without a folder, compared with the folder's.
        hidden_dim: Length of a vector; the feed-forward layers are 4 times as wide.
        num_layers: Number of Transformer layers.
        num_heads: Number of attention heads, a divisor of `hidden_dim`.
        max_length: Longest sequence.
        dropout: Dropout rate in training.

    Raises:
        ModuleNotFoundError: If keras-hub is not installed.
        ValueError: If a size is out of range, `folder` holds no weights, or its vocabulary has
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
            f"`folder` must hold config.json beside the weights of a BERT. Received: folder={str(folder)!r}. "
            "From a clone of blogkit, this makes one of Google's checkpoint: "
            "python -m data_download get chinese_bert"
        )
    with warnings.catch_warnings():  # its progress bars look for notebook widgets
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
            f"`vocabulary_size` must be that of `folder`, {encoder.vocabulary_size}. "
            f"Received: vocabulary_size={vocabulary_size}. "
            "Use the vocab.txt that came with the weights."
        )
    return encoder


def _check_sizes(vocabulary_size, hidden_dim, num_layers, num_heads, max_length, dropout):
    if vocabulary_size is None:
        raise ValueError(
            "`vocabulary_size` must be given without a folder of weights. Received: vocabulary_size=None."
        )
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
    check_rate("dropout", dropout)
