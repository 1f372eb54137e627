"""A folder with a BERT in the format of Hugging Face: config.json, model.safetensors, vocab.txt."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from blogkit.extras import import_extra

WEIGHTS = "model.safetensors"


def write_bert_folder(
    place: Path, tensors: Mapping[str, np.ndarray], vocabulary: bytes, config: dict, tokenizer: dict
) -> None:
    """Write the folder `place` in one step; it must not exist.

    Args:
        place: The new folder.
        tensors: By the names of Hugging Face, kernels `(out, in)`.
        vocabulary: Content of vocab.txt.
        config: For config.json; what every BERT has is added.
        tokenizer: For tokenizer_config.json.
    """
    save_file = import_extra("safetensors.numpy", needed_by="write_bert_folder").save_file
    work = place.with_name(f"{place.name}.{os.getpid()}.partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        save_file(dict(tensors), work / WEIGHTS, metadata={"format": "pt"})
        (work / "vocab.txt").write_bytes(vocabulary)
        _write_json(work / "tokenizer_config.json", {"tokenizer_class": "BertTokenizer", **tokenizer})
        every = {
            "model_type": "bert",
            "architectures": ["BertModel"],
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
        }
        _write_json(work / "config.json", every | config)
        os.replace(work, place)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_json(path, content):
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
