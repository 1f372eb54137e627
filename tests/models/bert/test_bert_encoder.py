"""bert_encoder: padding, saving and refused arguments."""

import keras
import numpy as np
import pytest

from blogkit.models import bert_encoder, split_encoder

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


def test_the_network_of_keras_hub_with_the_same_weights(tmp_path):
    """Its layers, initial weights and seeds, in the same order; and a preset that it saves."""
    BertBackbone = pytest.importorskip("keras_hub.models").BertBackbone
    sizes = {name: SIZES[name] for name in ("vocabulary_size", "hidden_dim", "num_layers", "num_heads")}
    keras.utils.set_random_seed(3)
    peer = BertBackbone(**sizes, intermediate_dim=4 * sizes["hidden_dim"], max_sequence_length=12)
    keras.utils.set_random_seed(3)
    ours = bert_encoder(**SIZES)
    assert [variable.path for variable in ours.weights] == [variable.path for variable in peer.weights]
    for one, other in zip(ours.variables, peer.variables, strict=True):
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (one, other)))
    expected = output(peer, [[3, 7, 9, 4]])
    np.testing.assert_array_equal(output(ours, [[3, 7, 9, 4]]), expected)

    peer.save_to_preset(str(tmp_path / "preset"))
    loaded = bert_encoder(tmp_path / "preset", vocabulary_size=30)
    np.testing.assert_array_equal(output(loaded, [[3, 7, 9, 4]]), expected)
    with pytest.raises(ValueError, match="must be that of `folder`, 30.*vocabulary_size=31"):
        bert_encoder(tmp_path / "preset", vocabulary_size=31)


def test_a_model_of_it_survives_a_file(encoder, tmp_path):
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.saving.load_model(tmp_path / "encoder.keras")
    np.testing.assert_array_equal(output(loaded, [[3, 7, 9, 4]]), output(encoder, [[3, 7, 9, 4]]))
    assert loaded.get_config() == encoder.get_config()


@pytest.mark.parametrize("count", [0, 1])
def test_the_parts_are_the_whole(encoder, count):
    ids = [[3, 7, 9, 4, 0, 0]]
    lower, upper = split_encoder(encoder, count)
    mask = keras.ops.convert_to_tensor(inputs(ids)["padding_mask"])
    found = upper({"vectors": lower(inputs(ids)), "padding_mask": mask})
    found = keras.ops.convert_to_numpy(found["sequence_output"])
    np.testing.assert_allclose(found, output(encoder, ids), atol=1e-6)
    assert not lower.trainable_weights
    of_a_layer = 16  # four kernels of attention, two of the feed-forward layers, their biases, two norms
    assert len(upper.trainable_weights) == of_a_layer * (2 - count)


def test_parts_without_an_upper_one_are_refused(encoder):
    with pytest.raises(ValueError, match="less than the number of layers, 2. Received: count=2"):
        split_encoder(encoder, 2)


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(ValueError, match="must hold config.json.*bert_weights"):
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
        ({"gelu": "erf"}, "`gelu` must be 'exact' or 'tanh'. Received: gelu='erf'"),
    ],
)
def test_impossible_sizes(change, words):
    with pytest.raises(ValueError, match=words):
        bert_encoder(**SIZES | change)
