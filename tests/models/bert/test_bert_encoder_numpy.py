"""bert_encoder against BERT in NumPy, with weights from files of both formats."""

import json

import keras
import numpy as np
import pytest
from numpy_bert import numpy_bert, random_weights

from blogkit.models import bert_encoder
from data_download.conversions.google_bert import convert_folder

DIM, HEADS, LAYERS, INNER, TOKENS, POSITIONS = 12, 3, 2, 40, 19, 9
CONFIG = {
    "hidden_size": DIM,
    "intermediate_size": INNER,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "vocab_size": TOKENS,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
}
IDS = np.array([[3, 7, 9, 4, 0, 0], [3, 5, 5, 18, 6, 4], [3, 4, 0, 0, 0, 0]], "int32")
SEGMENTS = np.array([[0, 0, 1, 1, 0, 0], [0] * 6, [0] * 6], "int32")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture(scope="module")
def weights():
    return random_weights(np.random.default_rng(0), TOKENS, DIM, LAYERS, INNER, POSITIONS)


@pytest.fixture
def folder(weights, tmp_path):
    """A folder in the format of Hugging Face."""
    save_file = pytest.importorskip("safetensors.numpy").save_file
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_text(json.dumps(CONFIG | {"model_type": "bert"}))
    (tmp_path / "vocab.txt").write_text("\n".join(SPECIAL))
    return tmp_path


def outputs(encoder):
    found = encoder({"token_ids": IDS, "segment_ids": SEGMENTS, "padding_mask": (IDS > 0).astype("int32")})
    return [keras.ops.convert_to_numpy(found[name]) for name in ("sequence_output", "pooled_output")]


def test_a_padded_batch_has_the_vectors_of_the_formula(weights, folder):
    vectors, pooled = outputs(bert_encoder(folder, vocabulary_size=TOKENS))
    expected, expected_pooled = numpy_bert(weights, IDS, SEGMENTS, HEADS)
    here = IDS > 0
    np.testing.assert_allclose(vectors[here], expected[here], atol=2e-5)  # float32, sums of 40 numbers
    np.testing.assert_allclose(pooled, expected_pooled, atol=2e-5)
    # What the checkpoint was trained with is the exact GELU: near, but not the same.
    exact, _ = numpy_bert(weights, IDS, SEGMENTS, HEADS, exact_gelu=True)
    assert 1e-4 < np.abs(exact[here] - expected[here]).max() < 2e-2


def test_googles_checkpoint_becomes_the_same_encoder(weights, tmp_path):
    tf = pytest.importorskip("tensorflow")
    source = tmp_path / "chinese_L-2_H-12_A-3"
    source.mkdir()
    (source / "bert_config.json").write_text(json.dumps(CONFIG))
    (source / "vocab.txt").write_text("\n".join(SPECIAL))
    named = {
        google_name(name): array.T if google_name(name).endswith("kernel") else array
        for name, array in weights.items()
    }
    tf.raw_ops.SaveV2(
        prefix=str(source / "bert_model.ckpt"),
        tensor_names=list(named),
        shape_and_slices=[""] * len(named),
        tensors=list(named.values()),
    )
    convert_folder(source, tmp_path / "preset")
    vectors, pooled = outputs(bert_encoder(tmp_path / "preset"))
    expected, expected_pooled = numpy_bert(weights, IDS, SEGMENTS, HEADS)
    np.testing.assert_allclose(vectors[IDS > 0], expected[IDS > 0], atol=2e-5)
    np.testing.assert_allclose(pooled, expected_pooled, atol=2e-5)


def google_name(name):
    """The name in google-research/bert: written from its modeling.py, not from the converter."""
    parts = name.split(".")
    kind = parts.pop()
    if parts[-1] == "LayerNorm":
        parts.append({"weight": "gamma", "bias": "beta"}[kind])
    elif not parts[-1].endswith("_embeddings"):
        parts.append({"weight": "kernel", "bias": "bias"}[kind])
    path = "/".join(["bert", *parts])
    return path.replace("encoder/layer/", "encoder/layer_")
