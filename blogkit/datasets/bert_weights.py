"""Folder with the weights of a pre-trained BERT."""

import hashlib
import json
from pathlib import Path

from blogkit.datasets.bert_folder import WEIGHTS, write_bert_folder
from blogkit.datasets.bert_vocabulary import bert_vocabulary
from blogkit.datasets.catalogue import OFFICIAL, data_set, missing
from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.folder import data_folder
from blogkit.datasets.google_bert import convert_google_bert
from blogkit.datasets.multilingual_bert import multilingual_bert
from blogkit.datasets.reading import reader, reading
from blogkit.files_read import note

PRESET = "preset"  # data_download converts Google's checkpoint into it
INDEX, PICKLE = "bert_model.ckpt.index", "pytorch_model.bin"


@reader
def bert_weights(source: str | Path = "embedded") -> Path:
    """Folder that `blogkit.models.bert_encoder` loads; `CharTokenizer.from_folder` takes it too.

    Args:
        source: `"embedded"`: a multilingual BERT inside a package (`multilingual_bert`).
            `"official"`: Google's Chinese BERT in the data folder, as `python -m data_download get
            chinese_bert` converts it. Otherwise the path of a folder in the format of Hugging Face, of a
            Keras preset, or of Google's checkpoint. A checkpoint, which needs TensorFlow, and a
            pytorch_model.bin, which needs torch, are converted once, into the data folder.

    Raises:
        MissingDataset: If the weights are missing; says how to get them.
        ModuleNotFoundError: If a conversion needs TensorFlow or torch.
        ValueError: If a given folder holds no BERT, or a file of it is damaged.
    """
    if source == "embedded":
        return multilingual_bert()
    if source == OFFICIAL:
        folder = data_set("chinese_bert").folder / PRESET
        if not note(folder / "config.json").is_file():
            raise missing("chinese_bert", folder)
    else:
        folder = Path(source).expanduser()
    if note(folder / INDEX).is_file():
        place = _converted(folder, "bert_config.json", "vocab.txt", INDEX)
        if not (place / "config.json").is_file():
            convert_google_bert(folder, place)
        return place
    for name in ("config.json", "vocab.txt"):
        if not note(folder / name).is_file():
            raise ValueError(
                "`source` must be a folder with config.json, weights and vocab.txt, or 'embedded' or "
                f"'official'. Received: source={str(folder)!r}, without {name}."
            )
    with reading(folder / "config.json", "the configuration of a BERT"):
        if not isinstance(json.loads((folder / "config.json").read_text(encoding="utf-8")), dict):
            raise ValueError(f"{folder / 'config.json'} must hold a JSON object.")
    bert_vocabulary(folder)
    if not note(folder / PICKLE).is_file() or note(folder / WEIGHTS).is_file():
        return folder
    place = _converted(folder, "config.json", "vocab.txt", PICKLE)
    if not (place / "config.json").is_file():
        _convert_pickle(folder, place)
    return place


def _converted(folder, *names):
    """Where the conversion of these files belongs.

    Raises:
        ValueError: If one of them is missing.
    """
    if lost := [name for name in names if not (folder / name).is_file()]:
        raise ValueError(f"{folder} needs {', '.join(names)}. Missing: {', '.join(lost)}.")
    digest = hashlib.sha256("".join(file_checksum(folder / name) for name in names).encode())
    return data_folder() / "converted_bert" / f"{folder.resolve().name}-{digest.hexdigest()[:12]}"


def _convert_pickle(folder, place):
    """Write the weights of pytorch_model.bin again as model.safetensors; no code in it is run."""
    path = folder / PICKLE
    try:
        import torch
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{path} is a pickle of torch, which reads it. Convert it where torch is installed, and copy "
            "the new folder.",
            name="torch",
        ) from error
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
        arrays = {name: tensor.float().contiguous().numpy() for name, tensor in tensors.items()}
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        settings = note(folder / "tokenizer_config.json")
        tokenizer = json.loads(settings.read_text(encoding="utf-8")) if settings.is_file() else {}
    except Exception as error:  # a damaged or hostile pickle raises almost anything
        raise ValueError(f"{path} is not a dictionary of weights beside a configuration: {error}") from error
    kept = {name: array for name, array in arrays.items() if not name.startswith("cls.")}
    write_bert_folder(place, kept, (folder / "vocab.txt").read_bytes(), config, tokenizer)
