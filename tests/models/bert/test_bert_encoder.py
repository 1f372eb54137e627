"""bert_encoder: padding, saving and refused arguments."""

import keras
import numpy as np
import pytest

from blogkit.models import bert_encoder

SIZES = {"vocabulary_size": 30, "hidden_dim": 8, "num_layers": 2, "num_heads": 2, "max_length": 12}


def inputs(ids):
    ids = np.asarray(ids, "int32")
    return {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": (ids > 0).astype("int32")}


@pytest.fixture(scope="module")
def encoder():
    keras.utils.set_random_seed(0)
    return bert_encoder(**SIZES)


def output(encoder, ids):
    return keras.ops.convert_to_numpy(encoder(inputs(ids))["sequence_output"])


def test_padding_changes_no_vector_of_a_token(encoder):
    short, long = output(encoder, [[3, 7, 9, 4]]), output(encoder, [[3, 7, 9, 4, 0, 0, 0]])
    np.testing.assert_allclose(long[:, :4], short, atol=1e-5)
    assert np.abs(output(encoder, [[3, 7, 8, 4]]) - short)[0, 0].max() > 1e-3  # but a token does, everywhere


def test_a_folder_gives_the_same_vectors(encoder, tmp_path):
    encoder.save_to_preset(str(tmp_path / "preset"))
    loaded = bert_encoder(tmp_path / "preset", vocabulary_size=30)
    np.testing.assert_array_equal(output(loaded, [[3, 7, 9, 4]]), output(encoder, [[3, 7, 9, 4]]))
    with pytest.raises(ValueError, match="must be that of `folder`, 30.*vocabulary_size=31"):
        bert_encoder(tmp_path / "preset", vocabulary_size=31)


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(ValueError, match="must hold config.json.*data_download get chinese_bert"):
        bert_encoder(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vocabulary_size": None}, "vocabulary_size.*None"),
        ({"vocabulary_size": 0}, "vocabulary_size=0"),
        ({"hidden_dim": 9}, "hidden_dim=9, num_heads=2"),
        ({"num_layers": 0}, "num_layers=0"),
        ({"num_heads": 1.5}, "num_heads=1.5"),
        ({"max_length": 1}, "max_length=1"),
        ({"dropout": 1.0}, "dropout=1.0"),
    ],
)
def test_impossible_sizes(change, words):
    with pytest.raises(ValueError, match=words):
        bert_encoder(**SIZES | change)
