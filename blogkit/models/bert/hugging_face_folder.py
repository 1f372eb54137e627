"""Sizes and weights of a BERT from a folder in the format of Hugging Face."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from blogkit.extras import import_extra

SIZES = {
    "vocabulary_size": "vocab_size",
    "num_layers": "num_hidden_layers",
    "num_heads": "num_attention_heads",
    "hidden_dim": "hidden_size",
    "intermediate_dim": "intermediate_size",
    "max_sequence_length": "max_position_embeddings",
    "num_segments": "type_vocab_size",
}
WEIGHTS, PICKLE = "model.safetensors", "pytorch_model.bin"
# Of layer norms in files before 2019.
OLD = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
TANH = ("gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh")  # what Hugging Face calls the approximation


class HuggingFaceFolder:
    """A BERT in config.json and model.safetensors.

    A config.json without `model_type`, as of models before 2020, is one of a BERT if it has its sizes.

    Attributes:
        sizes: Arguments of `BertEncoder`.
        exact_gelu: Whether it was trained with the GELU by erf.
        names: Of the weights in the file, without the prefix `bert.`.

    Raises:
        ValueError: If a file is missing, damaged or not of a BERT; says how to convert pytorch_model.bin.
    """

    def __init__(self, folder: Path, config: dict):
        self.folder = folder
        self.sizes = _sizes(folder, config)
        self.exact_gelu = _exact_gelu(folder, config)
        with self._opened() as file:
            self._keys = {_plain(key): key for key in file.keys()}

    @property
    def names(self) -> Collection[str]:
        return self._keys.keys()

    def weights(self, names: Collection[str]) -> Iterator[tuple[str, np.ndarray]]:
        """Yield `(name, array)` of the weights `names`, kernels `(out, in)`.

        Raises:
            ValueError: If one of them is missing or cannot be read.
        """
        with self._opened() as file:
            for name in names:
                if name not in self._keys:
                    raise ValueError(f"{self.folder / WEIGHTS} lacks the weight {name!r} of a BERT.")
                try:
                    yield name, file.get_tensor(self._keys[name])
                except TypeError as error:  # bfloat16, for example, which NumPy does not have
                    raise ValueError(f"{self.folder / WEIGHTS}: {name} cannot be read: {error}.") from error

    def _opened(self):
        path = self.folder / WEIGHTS
        if not path.is_file():
            raise ValueError(f"{self.folder} needs {WEIGHTS} beside config.json.{_remedy(self.folder)}")
        safetensors = import_extra("safetensors", needed_by="bert_encoder")
        try:
            return safetensors.safe_open(path, framework="numpy")
        except safetensors.SafetensorError as error:
            raise ValueError(f"{path} is damaged: {error}.") from error


def read_config(folder: Path) -> dict:
    """The content of config.json.

    Raises:
        ValueError: If it is missing or not an object.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is not a configuration: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path} is not a configuration, but {type(config).__name__}.")
    return config


def _sizes(folder, config):
    kind = config.get("model_type", "bert")
    if kind != "bert":
        raise ValueError(f"{folder / 'config.json'} must describe a BERT. Received: model_type {kind!r}.")
    if lost := [key for key in SIZES.values() if type(config.get(key)) is not int]:
        raise ValueError(f"{folder / 'config.json'} must describe a BERT. It lacks {', '.join(lost)}.")
    return {name: config[key] for name, key in SIZES.items()}


def _exact_gelu(folder, config):
    name = config.get("hidden_act", "gelu")
    if name != "gelu" and name not in TANH:
        raise ValueError(
            f"{folder / 'config.json'}: `hidden_act` must be gelu, {', '.join(TANH)}. Received: {name!r}."
        )
    return name == "gelu"


def _plain(key):
    """The name of a weight as it is today."""
    for old, new in OLD.items():
        key = key.replace(old, new)
    return key.removeprefix("bert.")


def _remedy(folder):
    if not (folder / PICKLE).is_file():
        return ""
    call = f"from blogkit.datasets import bert_weights; print(bert_weights({str(folder)!r}))"
    return (
        f" Its {PICKLE} is a pickle, which is not read here. Where torch is installed, this converts it "
        f'and prints the path of the new folder: python -c "{call}"'
    )
