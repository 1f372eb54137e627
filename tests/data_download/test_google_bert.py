"""Google's folder becomes a preset: weights renamed, kernels transposed, nothing else changed."""

import json

import numpy as np
import pytest

from data_download.conversions.google_bert import convert_folder
from data_download.fetch import DownloadError

WIDTH, INNER, TOKENS = 8, 16, 5
CONFIG = {
    "hidden_size": WIDTH,
    "intermediate_size": INNER,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "vocab_size": TOKENS,
    "max_position_embeddings": 6,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
}
# (name of google-research/bert, name of Hugging Face, shape in the checkpoint), written out by hand.
OUTSIDE = [
    ("bert/embeddings/word_embeddings", "embeddings.word_embeddings.weight", (TOKENS, WIDTH)),
    ("bert/embeddings/position_embeddings", "embeddings.position_embeddings.weight", (6, WIDTH)),
    ("bert/embeddings/token_type_embeddings", "embeddings.token_type_embeddings.weight", (2, WIDTH)),
    ("bert/embeddings/LayerNorm/gamma", "embeddings.LayerNorm.weight", (WIDTH,)),
    ("bert/embeddings/LayerNorm/beta", "embeddings.LayerNorm.bias", (WIDTH,)),
    ("bert/pooler/dense/kernel", "pooler.dense.weight", (WIDTH, WIDTH)),
    ("bert/pooler/dense/bias", "pooler.dense.bias", (WIDTH,)),
]
INSIDE = [
    ("attention/self/query/kernel", "attention.self.query.weight", (WIDTH, WIDTH)),
    ("attention/self/query/bias", "attention.self.query.bias", (WIDTH,)),
    ("attention/self/key/kernel", "attention.self.key.weight", (WIDTH, WIDTH)),
    ("attention/self/key/bias", "attention.self.key.bias", (WIDTH,)),
    ("attention/self/value/kernel", "attention.self.value.weight", (WIDTH, WIDTH)),
    ("attention/self/value/bias", "attention.self.value.bias", (WIDTH,)),
    ("attention/output/dense/kernel", "attention.output.dense.weight", (WIDTH, WIDTH)),
    ("attention/output/dense/bias", "attention.output.dense.bias", (WIDTH,)),
    ("attention/output/LayerNorm/gamma", "attention.output.LayerNorm.weight", (WIDTH,)),
    ("attention/output/LayerNorm/beta", "attention.output.LayerNorm.bias", (WIDTH,)),
    ("intermediate/dense/kernel", "intermediate.dense.weight", (WIDTH, INNER)),
    ("intermediate/dense/bias", "intermediate.dense.bias", (INNER,)),
    ("output/dense/kernel", "output.dense.weight", (INNER, WIDTH)),
    ("output/dense/bias", "output.dense.bias", (WIDTH,)),
    ("output/LayerNorm/gamma", "output.LayerNorm.weight", (WIDTH,)),
    ("output/LayerNorm/beta", "output.LayerNorm.bias", (WIDTH,)),
]
NAMES = OUTSIDE + [
    (f"bert/encoder/layer_{i}/{google}", f"encoder.layer.{i}.{other}", shape)
    for i in range(2)
    for google, other, shape in INSIDE
]
LEFT_OUT = {
    "cls/predictions/output_bias": (TOKENS,),
    "cls/seq_relationship/output_weights": (2, WIDTH),
    "global_step": (),
    "bert/pooler/dense/kernel/adam_m": (WIDTH, WIDTH),
    "bert/pooler/dense/kernel/adam_v": (WIDTH, WIDTH),
}


@pytest.fixture
def weights(rng):
    named = {name: shape for name, _, shape in NAMES} | LEFT_OUT
    return {name: rng.normal(size=shape).astype("float32") for name, shape in named.items()}


@pytest.fixture
def write(tmp_path):
    """Function that writes a folder as Google publishes it, with these weights."""
    tf = pytest.importorskip("tensorflow")

    def write(weights):
        folder = tmp_path / "chinese_L-2_H-8_A-2"
        folder.mkdir()
        (folder / "bert_config.json").write_text(json.dumps(CONFIG))
        (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]")
        names, values = zip(*weights.items())
        prefix, whole = str(folder / "bert_model.ckpt"), [""] * len(names)
        tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=whole, tensors=values)
        return folder

    return write


def test_every_weight_has_its_new_name_and_place(tmp_path, write, weights):
    load_file = pytest.importorskip("safetensors.numpy").load_file
    folder, place = write(weights), tmp_path / "preset"
    convert_folder(folder, place)
    found = load_file(place / "model.safetensors")
    assert set(found) == {name for _, name, _ in NAMES}
    for google, name, _ in NAMES:
        expected = weights[google].T if google.endswith("kernel") else weights[google]
        np.testing.assert_array_equal(found[name], expected)
    assert (place / "vocab.txt").read_bytes() == (folder / "vocab.txt").read_bytes()
    config = json.loads((place / "config.json").read_text())
    assert config.items() >= (CONFIG | {"model_type": "bert"}).items()
    (place / "model.safetensors").write_bytes(b"kept")
    convert_folder(folder, place)  # nothing left to do
    assert (place / "model.safetensors").read_bytes() == b"kept"


def test_what_is_missing_is_named_and_nothing_is_written(tmp_path, write, weights):
    place = tmp_path / "preset"
    with pytest.raises(DownloadError, match="not a folder of Google's BERT.*bert_config.json"):
        convert_folder(tmp_path, place)
    del weights["bert/encoder/layer_1/output/dense/bias"]
    folder = write(weights)
    with pytest.raises(DownloadError, match="lacks 1 weights, for example encoder.layer.1.output.dense.bias"):
        convert_folder(folder, place)
    (folder / "bert_model.ckpt.index").write_bytes(b"damaged")
    with pytest.raises(DownloadError, match="not a whole checkpoint"):
        convert_folder(folder, place)
    assert not place.exists()


def test_where_tensorflow_is_missing_it_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "bert_config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "vocab.txt").touch()
    monkeypatch.setitem(__import__("sys").modules, "tensorflow", None)
    with pytest.raises(DownloadError, match="Convert it where TensorFlow is installed"):
        convert_folder(tmp_path, tmp_path / "preset")
