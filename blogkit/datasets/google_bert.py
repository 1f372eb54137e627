"""Google's BERT: a checkpoint of TensorFlow 1 becomes a folder in the format of Hugging Face.

`bert_encoder` reads that on every backend, also where TensorFlow is not installed. Only this
conversion needs TensorFlow.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from blogkit.datasets.bert_folder import write_bert_folder
from blogkit.datasets.reading import reason
from blogkit.files_read import matches, note

# From the names of google-research/bert to those of Hugging Face, in this order.
RENAME = (
    (r"^bert/", ""),
    (r"encoder/layer_(\d+)/", r"encoder/layer/\1/"),
    (r"(word|position|token_type)_embeddings$", r"\1_embeddings/weight"),
    (r"gamma$|kernel$", "weight"),
    (r"beta$", "bias"),
    (r"/", "."),
)


def convert_google_bert(source: Path, place: Path) -> None:
    """Write the folder `place` from one of Google's: bert_config.json, vocab.txt, bert_model.ckpt.

    All weights are in memory at once. The pre-training heads (`cls/`) are left out.

    Raises:
        ModuleNotFoundError: If TensorFlow is missing.
        ValueError: If a file of the folder is missing or damaged.
    """
    try:
        config = json.loads(note(source / "bert_config.json").read_text(encoding="utf-8"))
        vocabulary, expected = note(source / "vocab.txt").read_bytes(), set(expected_names(config))
    except Exception as error:  # a file that is missing, or without what it should hold
        raise ValueError(f"{source} is not a folder of Google's BERT: {reason(error)}") from error
    tensors = dict(read_checkpoint(source / "bert_model.ckpt"))
    if lost := expected - set(tensors):
        raise ValueError(f"{source}: the checkpoint lacks {len(lost)} weights, for example {min(lost)}.")
    lower = bool(config.get("do_lower_case", True))
    write_bert_folder(place, tensors, vocabulary, config, {"do_lower_case": lower})


def read_checkpoint(prefix: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield `(name, array)` in Hugging Face's names and layout: `(out, in)` for a dense kernel."""
    try:
        import tensorflow as tf
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{prefix} is a checkpoint of TensorFlow, which reads it. Convert it where TensorFlow is "
            "installed, and copy the new folder.",
            name="tensorflow",
        ) from error
    try:
        for path in matches(prefix.parent, f"{prefix.name}*"):
            note(path)
        reader = tf.train.load_checkpoint(str(prefix))
    except Exception as error:  # TensorFlow raises errors of its own and of Python
        raise ValueError(f"{prefix} is not a whole checkpoint: {error}") from error
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
