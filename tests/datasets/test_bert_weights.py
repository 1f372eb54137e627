import json

import numpy as np
import pytest
from valid_sources import bert_vocabulary, write

from blogkit.datasets import MissingDataset, bert_weights

VOCABULARY = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
CONFIG = {"num_hidden_layers": 0, "vocab_size": 3, "hidden_size": 2}


def test_the_official_weights_are_the_converted_ones(data):
    with pytest.raises(MissingDataset, match="data_download get chinese_bert"):
        bert_weights("official")
    folder = data / "chinese_bert" / "preset"
    folder.mkdir(parents=True)
    with pytest.raises(MissingDataset):
        bert_weights("official")
    write(folder / "config.json", "{}")
    with pytest.raises(ValueError, match=r"without vocab\.txt"):
        bert_weights("official")
    bert_vocabulary(folder)
    assert bert_weights("official") == folder


def test_a_folder_of_ones_own(tmp_path):
    with pytest.raises(ValueError, match=r"without config\.json"):
        bert_weights(tmp_path)
    write(tmp_path / "config.json", "{}")
    with pytest.raises(ValueError, match=r"without vocab\.txt"):
        bert_weights(tmp_path)
    bert_vocabulary(tmp_path)
    assert bert_weights(str(tmp_path)) == tmp_path


@pytest.fixture
def pickled(data, tmp_path):
    """A folder as Hugging Face published them before 2022, and its tensors."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors.numpy")
    tensors = {"bert.pooler.dense.weight": torch.ones(2, 3).T, "cls.predictions.bias": torch.zeros(3)}
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "vocab.txt").write_text(VOCABULARY)
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    return tmp_path


def test_a_pickle_of_torch_is_converted_once(pickled, data):
    from safetensors.numpy import load_file

    folder = bert_weights(pickled)
    assert folder.parent == data / "converted_bert"
    (found,) = load_file(folder / "model.safetensors").items()
    assert found[0] == "bert.pooler.dense.weight"
    np.testing.assert_array_equal(found[1], np.ones((3, 2)))
    assert json.loads((folder / "config.json").read_text())["model_type"] == "bert"
    written = (folder / "config.json").stat().st_mtime_ns
    assert bert_weights(pickled) == folder and (folder / "config.json").stat().st_mtime_ns == written


def test_a_pickle_that_runs_code_is_refused(pickled, data):
    import torch

    torch.save({"weight": print}, pickled / "pytorch_model.bin")
    with pytest.raises(ValueError, match="pytorch_model.bin is not a dictionary of weights"):
        bert_weights(pickled)
    assert not list((data / "converted_bert").glob("*"))


def test_a_checkpoint_of_google_is_converted_once(data, tmp_path):
    tf = pytest.importorskip("tensorflow")
    pytest.importorskip("safetensors.numpy")
    (tmp_path / "bert_config.json").write_text(json.dumps(CONFIG))
    shapes = {
        "embeddings/word_embeddings": (3, 2),
        "embeddings/position_embeddings": (4, 2),
        "embeddings/token_type_embeddings": (2, 2),
        "embeddings/LayerNorm/gamma": (2,),
        "embeddings/LayerNorm/beta": (2,),
        "pooler/dense/kernel": (2, 2),
        "pooler/dense/bias": (2,),
    }
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "bert_model.ckpt"),
        tensor_names=[f"bert/{name}" for name in shapes],
        shape_and_slices=[""] * len(shapes),
        tensors=[np.ones(shape, "float32") for shape in shapes.values()],
    )
    with pytest.raises(ValueError, match="Missing: vocab.txt"):
        bert_weights(tmp_path)
    (tmp_path / "vocab.txt").write_text(VOCABULARY)
    folder = bert_weights(tmp_path)
    assert (folder / "vocab.txt").read_text() == VOCABULARY and bert_weights(tmp_path) == folder


@pytest.mark.parametrize(
    ("text", "words"),
    [("[]", "must hold a JSON object"), ("{", "is not the configuration of a BERT"), ("[" * 9999, "is not")],
)
def test_a_damaged_configuration_is_named(tmp_path, text, words):
    bert_vocabulary(tmp_path)
    write(tmp_path / "config.json", text)
    with pytest.raises(ValueError, match=rf"config\.json {words}"):
        bert_weights(tmp_path)
