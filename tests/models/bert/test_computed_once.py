"""Vectors of frozen layers: computed once, never mistaken, and enough to train what lies above."""

import keras
import numpy as np
import pytest

from blogkit.models import (
    bert_encoder,
    computed_once,
    cut_padding,
    span_extractor,
    split_encoder,
    text_classifier,
)

IDS = np.array([[3, 7, 9, 4, 0, 0], [3, 5, 5, 8, 6, 4], [3, 6, 4, 0, 0, 0]], "int32")


@pytest.fixture(scope="module")
def encoder():
    keras.utils.set_random_seed(0)
    return bert_encoder(vocabulary_size=30, hidden_dim=8, num_layers=2, max_length=12, dropout=0.0)


@pytest.mark.parametrize("head", [text_classifier, span_extractor])
def test_a_head_on_the_upper_part_is_one_on_the_whole(encoder, head):
    lower, upper = split_encoder(encoder, 1)
    whole, above = head(encoder), head(upper)
    above.set_weights(whole.get_weights()[-len(above.weights) :])
    inputs = {"token_ids": IDS, "vectors": computed_once(lower, IDS, batch_size=2)}
    found, expected = (keras.ops.convert_to_numpy(x) for x in (above(tensors(inputs)), whole(IDS)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def tensors(inputs):
    return {name: keras.ops.convert_to_tensor(array) for name, array in inputs.items()}


def test_training_above_trains_the_encoder_and_leaves_what_is_below():
    keras.utils.set_random_seed(0)
    encoder = bert_encoder(vocabulary_size=30, hidden_dim=8, num_layers=2, max_length=12, dropout=0.0)
    lower, upper = split_encoder(encoder, 1)
    before = [keras.ops.convert_to_numpy(variable) for variable in encoder.weights]
    model = text_classifier(upper)
    model.compile(keras.optimizers.SGD(1.0), "binary_crossentropy")
    model.fit({"token_ids": IDS, "vectors": computed_once(lower, IDS)}, np.array([0, 1, 1]), verbose=0)
    moved = {
        variable.path: np.abs(keras.ops.convert_to_numpy(variable) - old).max() > 0
        for variable, old in zip(encoder.weights, before, strict=True)
    }
    upper_layer = {path for path in moved if path.startswith("transformer_layer_1/")}
    no_gradient = {path for path in upper_layer if path.endswith("key/bias")}  # softmax takes it away
    assert {path for path in moved if moved[path]} - no_gradient == upper_layer - no_gradient


def test_files_are_those_of_the_same_ids_weights_and_layers(encoder, tmp_path):
    lower, _ = split_encoder(encoder, 1)
    expected = computed_once(lower, IDS)
    kept = computed_once(lower, IDS, folder=tmp_path, batch_size=2)
    np.testing.assert_allclose(kept, expected, atol=1e-6)
    (path,) = tmp_path.iterdir()
    written = path.stat().st_mtime_ns
    np.testing.assert_array_equal(computed_once(lower, IDS, folder=tmp_path), kept)
    assert path.stat().st_mtime_ns == written
    computed_once(lower, IDS[:, ::-1].copy(), folder=tmp_path)
    computed_once(lower, IDS, folder=tmp_path, dtype="float16")
    computed_once(split_encoder(encoder, 0)[0], IDS, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    variable = encoder.get_layer("token_embedding").weights[0]
    variable.assign(variable * 8)
    assert np.abs(computed_once(lower, IDS, folder=tmp_path) - kept).max() > 1e-3
    variable.assign(variable / 8)
    assert len(list(tmp_path.iterdir())) == 5


def test_texts_of_all_lengths_have_their_vectors_and_little_padding_is_computed(encoder, monkeypatch):
    lower, _ = split_encoder(encoder, 1)
    lengths = np.array([12, 3, 11, 1, 8, 5, 9])
    ids = np.where(np.arange(12) < lengths[:, None], np.arange(3, 15), 0).astype("int32")
    expected = keras.ops.convert_to_numpy(lower(tensors(all_inputs(ids))))
    computed, predict = [], lower.predict_on_batch
    monkeypatch.setattr(
        lower, "predict_on_batch", lambda batch: computed.append(batch["token_ids"].shape) or predict(batch)
    )
    monkeypatch.setattr(
        "blogkit.models.bert.computed_once.cut_padding", lambda ids: cut_padding(ids, multiple=4)
    )
    found = computed_once(lower, ids, batch_size=2)
    np.testing.assert_allclose(found[ids > 0], expected[ids > 0], atol=1e-6)
    assert computed == [(2, 4), (2, 8), (2, 12), (2, 12)]


def all_inputs(ids):
    return {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": (ids > 0).astype("int32")}


def test_what_is_not_ids_is_refused(encoder):
    lower, _ = split_encoder(encoder, 1)
    for wrong in (IDS[0], IDS.astype("float32"), IDS[:0]):
        with pytest.raises(ValueError, match="`ids` must be integers"):
            computed_once(lower, wrong)
    with pytest.raises(ValueError, match="dtype='int8'"):
        computed_once(lower, IDS, dtype="int8")


def test_an_error_leaves_no_file(encoder, tmp_path, monkeypatch):
    lower, _ = split_encoder(encoder, 1)
    monkeypatch.setattr(lower, "predict_on_batch", lambda batch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        computed_once(lower, IDS, folder=tmp_path)
    assert not list(tmp_path.iterdir())
