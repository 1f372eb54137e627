"""Convert Google's BERT checkpoint to a preset for `keras_hub.models.BertBackbone.from_preset`.

A checkpoint of TensorFlow 1 becomes a folder in the format of Hugging Face (config.json,
model.safetensors, vocab.txt), which keras-hub reads on every backend, also where TensorFlow is not
installed. Only this conversion needs TensorFlow.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from blogkit.datasets.catalogue import DataSet
from data_download.fetch import DownloadError, Transfer

FOLDER = "preset"
# From the names of google-research/bert to those of Hugging Face, in this order.
RENAME = (
    (r"^bert/", ""),
    (r"encoder/layer_(\d+)/", r"encoder/layer/\1/"),
    (r"(word|position|token_type)_embeddings$", r"\1_embeddings/weight"),
    (r"gamma$|kernel$", "weight"),
    (r"beta$", "bias"),
    (r"/", "."),
)


def done(entry: DataSet) -> bool:
    """Whether the conversion is complete."""
    return (entry.folder / FOLDER / "config.json").is_file()


def convert(entry: DataSet, transfer: Transfer) -> None:
    """Write `preset/`: `keras_hub.models.BertBackbone.from_preset` takes its path."""
    convert_folder(entry.folder / entry.files[0].unpack, entry.folder / FOLDER)


def convert_folder(source: Path, place: Path) -> None:
    """Convert any BERT folder of Google's: bert_config.json, vocab.txt, bert_model.ckpt.

    All weights are in memory at once. The pre-training heads (`cls/`) are left out.

    Raises:
        DownloadError: If TensorFlow or a file of the folder is missing.
    """
    if (place / "config.json").is_file():
        return
    try:
        config = json.loads((source / "bert_config.json").read_text(encoding="utf-8"))
        vocabulary = (source / "vocab.txt").read_bytes()
    except (OSError, ValueError) as error:
        raise DownloadError(f"{source} is not a folder of Google's BERT: {error}") from error
    tensors = dict(read_checkpoint(source / "bert_model.ckpt"))
    if lost := set(expected_names(config)) - set(tensors):
        raise DownloadError(f"{source}: the checkpoint lacks {len(lost)} weights, for example {min(lost)}.")
    from safetensors.numpy import save_file

    work = place.with_name(place.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    save_file(tensors, work / "model.safetensors", metadata={"format": "pt"})
    (work / "vocab.txt").write_bytes(vocabulary)
    lower = bool(config.get("do_lower_case", True))
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": lower, "tokenize_chinese_chars": True}
    (work / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = config | {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }
    (work / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    os.replace(work, place)


def read_checkpoint(prefix: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield `(name, array)` in Hugging Face's names and layout: `(out, in)` for a dense kernel."""
    try:
        import tensorflow as tf
    except ImportError as error:
        raise DownloadError(
            f"{prefix} is a checkpoint of TensorFlow, which reads it. Convert it where TensorFlow is "
            "installed (python -m data_download get chinese_bert) and copy the folder preset/."
        ) from error
    try:
        reader = tf.train.load_checkpoint(str(prefix))
    except (tf.errors.OpError, ValueError, RuntimeError) as error:
        raise DownloadError(f"{prefix} is not a whole checkpoint: {error}") from error
    for name in reader.get_variable_to_shape_map():
        if name.startswith("bert/") and not re.search(r"/adam_[mv]$|/Adam", name):
            array = reader.get_tensor(name)
            yield (
                hugging_face_name(name),
                np.ascontiguousarray(array.T if name.endswith("/kernel") else array),
            )


def hugging_face_name(name: str) -> str:
    """The name of a weight in the format of Hugging Face.

    >>> hugging_face_name("bert/encoder/layer_3/attention/output/LayerNorm/gamma")
    'encoder.layer.3.attention.output.LayerNorm.weight'
    """
    for pattern, replacement in RENAME:
        name = re.sub(pattern, replacement, name)
    return name


def expected_names(config: dict) -> list[str]:
    """Every weight of a BERT of that configuration."""
    dense = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
    dense += ["attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"]
    modules = [f"encoder.layer.{i}.{part}" for i in range(config["num_hidden_layers"]) for part in dense]
    tables = [f"embeddings.{kind}_embeddings.weight" for kind in ("word", "position", "token_type")]
    modules += ["embeddings.LayerNorm", "pooler.dense"]
    return tables + [f"{module}.{kind}" for module in modules for kind in ("weight", "bias")]
