"""bert_encoder against BERT in NumPy, with weights from folders of each format."""

import json

import keras
import numpy as np
import pytest
from numpy_bert import numpy_bert, random_weights

from blogkit.models import bert_encoder
from blogkit.models.bert.weight_names import named_variables
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
HERE = IDS > 0
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CLOSE = {"rtol": 0, "atol": 2e-5}  # float32, sums of 40 numbers


@pytest.fixture(scope="module")
def weights():
    return random_weights(np.random.default_rng(0), TOKENS, DIM, LAYERS, INNER, POSITIONS)


@pytest.fixture
def write(weights, tmp_path):
    """Function that writes a folder in the format of Hugging Face and returns it."""
    save_file = pytest.importorskip("safetensors.numpy").save_file

    def write(config=(), lacks=(), **changed):
        tensors = {name: array for name, array in {**weights, **changed}.items() if name not in lacks}
        save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
        content = CONFIG | {"model_type": "bert"} | dict(config)
        content = {name: value for name, value in content.items() if value is not None}
        (tmp_path / "config.json").write_text(json.dumps(content))
        return tmp_path

    return write


def vectors(encoder, name="sequence_output"):
    found = encoder({"token_ids": IDS, "segment_ids": SEGMENTS, "padding_mask": HERE.astype("int32")})
    return keras.ops.convert_to_numpy(found[name])


def formula(weights, layers=LAYERS, exact_gelu=True):
    kept = {
        name: array
        for name, array in weights.items()
        if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < layers
    }
    return numpy_bert(kept, IDS, SEGMENTS, HEADS, exact_gelu=exact_gelu)


@pytest.mark.parametrize("gelu", ["exact", "tanh"])
def test_a_padded_batch_has_the_vectors_of_the_formula(weights, write, gelu):
    encoder = bert_encoder(write(), vocabulary_size=TOKENS, gelu=gelu)
    expected, pooled = formula(weights, exact_gelu=gelu == "exact")
    np.testing.assert_allclose(vectors(encoder)[HERE], expected[HERE], **CLOSE)
    np.testing.assert_allclose(vectors(encoder, "pooled_output"), pooled, **CLOSE)
    other, _ = formula(weights, exact_gelu=gelu != "exact")
    assert 1e-4 < np.abs(other - expected)[HERE].max() < 2e-2  # the two forms are near, but not the same


@pytest.mark.parametrize("act, exact", [("gelu", True), (None, True), ("gelu_new", False)])
def test_the_gelu_is_the_one_that_the_config_names(weights, write, act, exact):
    expected, _ = formula(weights, exact_gelu=exact)
    np.testing.assert_allclose(
        vectors(bert_encoder(write({"hidden_act": act})))[HERE], expected[HERE], **CLOSE
    )


def test_the_first_layers_alone(weights, write):
    encoder = bert_encoder(write(), num_layers=1)
    np.testing.assert_allclose(vectors(encoder)[HERE], formula(weights, layers=1)[0][HERE], **CLOSE)
    assert encoder.num_layers == 1 and set(encoder.output) == {"sequence_output"}  # the pooler is of the last
    with pytest.raises(ValueError, match="at most that of `folder`, 2. Received: num_layers=3"):
        bert_encoder(write(), num_layers=3)


def test_folders_of_older_models(weights, write):
    """No model_type, a prefix, layer norms of gamma and beta, no pooler."""
    old = {
        "bert."
        + name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): a
        for name, a in weights.items()
        if not name.startswith("pooler")
    }
    folder = write({"model_type": None}, lacks=set(weights), **old)
    encoder = bert_encoder(folder)
    np.testing.assert_allclose(vectors(encoder)[HERE], formula(weights)[0][HERE], **CLOSE)
    assert set(encoder.output) == {"sequence_output"}


def test_every_weight_has_its_own_name(weights, write):
    named = {one.name: one for one in named_variables(bert_encoder(write()))}
    assert {name: one.shape for name, one in named.items()} == {n: a.shape for n, a in weights.items()}


def test_another_folder_is_refused_with_the_weight_and_both_shapes(write):
    bias = "encoder.layer.1.output.dense.bias"
    with pytest.raises(ValueError, match=rf"{bias} has the shape \(5,\), and its config.json needs \(12,\)"):
        bert_encoder(write(**{bias: np.zeros(5, "float32")}))
    with pytest.raises(ValueError, match=f"lacks the weight '{bias}'"):
        bert_encoder(write(lacks=[bias]))
    with pytest.raises(
        ValueError, match=r"word_embeddings.weight has the shape \(19, 12\).*needs \(18, 12\)"
    ):
        bert_encoder(write({"vocab_size": 18}))
    with pytest.raises(ValueError, match="Received: model_type 'roberta'"):
        bert_encoder(write({"model_type": "roberta"}))
    with pytest.raises(ValueError, match="It lacks num_hidden_layers"):
        bert_encoder(write({"num_hidden_layers": None}))
    with pytest.raises(ValueError, match="`hidden_act` must be gelu.* Received: 'relu'"):
        bert_encoder(write({"hidden_act": "relu"}))


def test_a_damaged_or_missing_file_is_named(write):
    folder = write()
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[:-9])
    with pytest.raises(ValueError, match="model.safetensors is damaged"):
        bert_encoder(folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match="needs model.safetensors.*is a pickle.*python -c .*bert_weights"):
        bert_encoder(folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(ValueError, match="is not a configuration, but list"):
        bert_encoder(folder)


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
    encoder = bert_encoder(tmp_path / "preset")
    expected, pooled = formula(weights)
    np.testing.assert_allclose(vectors(encoder)[HERE], expected[HERE], **CLOSE)
    np.testing.assert_allclose(vectors(encoder, "pooled_output"), pooled, **CLOSE)


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
