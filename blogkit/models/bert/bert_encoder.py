"""BERT encoder of keras-hub, from a folder of weights or small and untrained."""

from pathlib import Path

from blogkit.checks import check_count, check_rate
from blogkit.files_read import matches, note
from blogkit.models.bert.hugging_face_folder import HuggingFaceFolder, read_config
from blogkit.models.bert.keras_preset import KerasPreset
from blogkit.models.bert.transformer import BertEncoder
from blogkit.models.bert.weight_names import named_variables

GELUS = ("exact", "tanh")


def bert_encoder(
    folder: str | Path | None = None,
    *,
    vocabulary_size: int | None = None,
    hidden_dim: int = 128,
    num_layers: int | None = None,
    num_heads: int = 2,
    max_length: int = 160,
    dropout: float = 0.1,
    gelu: str | None = None,
):
    """A BERT encoder, from token ids to one vector per token, all layers trainable.

    Inputs, a dict of int32 `(batch, length)`: `token_ids`, `segment_ids` (0 or 1) and
    `padding_mask` (1 at tokens, 0 at padding; it is not inferred from the ids). Outputs, a dict:
    `sequence_output` `(batch, length, hidden_dim)`, with `[CLS]` at position 0, and, of all layers of
    a folder that has a pooler, `pooled_output` `(batch, hidden_dim)`, which the articles do not use.
    The layers are those of `keras_hub.models.BertBackbone`.

    Args:
        folder: Folder of weights: in the format of Hugging Face (config.json, model.safetensors), as
            `blogkit.datasets.bert_weights` finds and makes them, or a preset of Keras. It determines
            the sizes below but `num_layers` and `dropout`.
        vocabulary_size: Number of tokens; required without a folder, compared with the folder's.
        hidden_dim: Length of a vector; the feed-forward layers are 4 times as wide.
        num_layers: Number of Transformer layers: 2 by default, and all of a folder, else its first ones.
        num_heads: Number of attention heads, a divisor of `hidden_dim`.
        max_length: Longest sequence.
        dropout: Dropout rate in training.
        gelu: `"exact"`, by erf, or `"tanh"`, its approximation. By default what config.json of Hugging
            Face names, and "tanh" otherwise, the only form that keras-hub has.

    Raises:
        ModuleNotFoundError: If keras-hub is not installed.
        ValueError: If a size is out of range, `folder` holds no weights or weights of another shape,
            or its vocabulary has another size.

    Example:

    >>> import numpy as np
    >>> encoder = bert_encoder(vocabulary_size=30, hidden_dim=8, max_length=16)
    >>> ids = np.array([[3, 7, 9, 4, 0]], "int32")
    >>> inputs = {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": ids > 0}
    >>> tuple(encoder(inputs)["sequence_output"].shape)
    (1, 5, 8)
    """
    if gelu not in (None, *GELUS):
        raise ValueError(f"`gelu` must be {' or '.join(map(repr, GELUS))}. Received: gelu={gelu!r}.")
    if num_layers is not None:
        check_count("num_layers", num_layers, 1)
    check_rate("dropout", dropout)
    if folder is not None:
        return _from_folder(Path(folder), vocabulary_size, num_layers, dropout, gelu)
    _check_sizes(vocabulary_size, hidden_dim, num_heads, max_length)
    return BertEncoder(
        vocabulary_size=vocabulary_size,
        num_layers=num_layers or 2,
        num_heads=num_heads,
        hidden_dim=hidden_dim,
        intermediate_dim=4 * hidden_dim,
        dropout=dropout,
        max_sequence_length=max_length,
        exact_gelu=gelu == "exact",
        pooler=True,
    )


def _from_folder(folder, vocabulary_size, num_layers, dropout, gelu):
    if not (folder / "config.json").is_file():
        raise ValueError(
            f"`folder` must hold config.json beside the weights of a BERT. Received: folder={str(folder)!r}. "
            "`blogkit.datasets.bert_weights` finds and makes such folders."
        )
    for path in matches(folder):
        note(path)
    config = read_config(folder)
    source = KerasPreset(folder) if "registered_name" in config else HuggingFaceFolder(folder, config)
    sizes = source.sizes
    if vocabulary_size is not None:
        _check_vocabulary(vocabulary_size, sizes["vocabulary_size"])
    if num_layers is not None and num_layers > sizes["num_layers"]:
        raise ValueError(
            f"`num_layers` must be at most that of `folder`, {sizes['num_layers']}. "
            f"Received: num_layers={num_layers}."
        )
    count = num_layers or sizes["num_layers"]
    encoder = BertEncoder(
        **sizes | {"num_layers": count},
        dropout=dropout,
        exact_gelu=source.exact_gelu if gelu is None else gelu == "exact",
        pooler=count == sizes["num_layers"] and "pooler.dense.weight" in source.names,
        random=False,
    )
    named = {one.name: one for one in named_variables(encoder)}
    for name, array in source.weights(named):
        _assign(named[name], array, folder)
    return encoder


def _assign(named, array, folder):
    if array.shape != named.shape:
        raise ValueError(
            f"{folder}: {named.name} has the shape {array.shape}, and its config.json needs {named.shape}."
        )
    array = array.T if named.is_kernel else array
    named.variable.assign(array.reshape(named.variable.shape))


def _check_vocabulary(vocabulary_size, there):
    if vocabulary_size != there:
        raise ValueError(
            f"`vocabulary_size` must be that of `folder`, {there}. "
            f"Received: vocabulary_size={vocabulary_size}. "
            "Use the vocab.txt that came with the weights."
        )


def _check_sizes(vocabulary_size, hidden_dim, num_heads, max_length):
    if vocabulary_size is None:
        raise ValueError(
            "`vocabulary_size` must be given without a folder of weights. Received: vocabulary_size=None."
        )
    check_count("vocabulary_size", vocabulary_size, 1)
    check_count("hidden_dim", hidden_dim, 1)
    check_count("num_heads", num_heads, 1)
    check_count("max_length", max_length, 2)
    if hidden_dim % num_heads:
        raise ValueError(
            f"`hidden_dim` must be a multiple of `num_heads`. Received: hidden_dim={hidden_dim}, "
            f"num_heads={num_heads}."
        )
