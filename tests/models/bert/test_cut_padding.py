"""cut_padding: the same results from less padding."""

import keras
import numpy as np
import pytest

from blogkit.models import (
    ShuffledBatches,
    bert_encoder,
    cut_padding,
    span_extractor,
    split_encoder,
    text_classifier,
)

IDS = np.array([[5, 6, 7, 0, 0, 0, 0, 0], [8, 0, 0, 0, 0, 0, 0, 0]], "int32")


@pytest.mark.parametrize("multiple, length", [(1, 3), (2, 4), (3, 3), (5, 5), (32, 8)])
def test_the_longest_text_decides_in_multiples(multiple, length):
    np.testing.assert_array_equal(cut_padding(IDS, multiple=multiple), IDS[:, :length])


def test_nothing_but_padding_keeps_a_column():
    assert cut_padding(0 * IDS, multiple=1).shape == (2, 1)


def test_a_zero_inside_a_text_is_not_its_end():
    ids = np.array([[5, 0, 7, 0]])
    np.testing.assert_array_equal(cut_padding(ids, multiple=1), [[5, 0, 7]])


def test_labels_stay_and_vectors_are_cut():
    vectors, labels, weights = np.ones((2, 8, 4)), np.arange(2), np.ones(2)
    inputs, *rest = cut_padding({"token_ids": IDS, "vectors": vectors}, labels, weights, multiple=2)
    assert {name: array.shape for name, array in inputs.items()} == {
        "token_ids": (2, 4),
        "vectors": (2, 4, 4),
    }
    assert rest[0] is labels and rest[1] is weights


def test_says_what_does_not_fit():
    with pytest.raises(ValueError, match=r"\(2, 8\). Received: 'vectors' of shape \(2, 7, 4\)"):
        cut_padding({"token_ids": IDS, "vectors": np.ones((2, 7, 4))})
    with pytest.raises(ValueError, match="multiple=0"):
        cut_padding(IDS, multiple=0)


def test_the_logits_of_tokens_are_the_same():
    keras.utils.set_random_seed(0)
    pointer = span_extractor(bert_encoder(vocabulary_size=10, hidden_dim=8, num_layers=2, max_length=8))
    whole, cut = (keras.ops.convert_to_numpy(pointer(ids)) for ids in (IDS, cut_padding(IDS, multiple=1)))
    np.testing.assert_allclose(cut[IDS[:, :3] > 0], whole[IDS > 0], atol=1e-6)


def test_trains_the_upper_part_on_batches_of_similar_length():
    keras.utils.set_random_seed(0)
    encoder = bert_encoder(vocabulary_size=10, hidden_dim=8, num_layers=2, max_length=8)
    _, upper = split_encoder(encoder, 1)
    ids = np.where(np.arange(8) < np.arange(1, 9)[:, None], 5, 0).astype("int32")
    inputs = {"token_ids": ids, "vectors": np.ones((8, 8, 8), "float32")}
    batches = ShuffledBatches(
        (inputs, np.zeros((8, 1), "float32")),
        batch_size=2,
        prepare=lambda *batch: cut_padding(*batch, multiple=4),
        lengths=(ids > 0).sum(axis=1),
    )
    model = text_classifier(upper)
    model.compile("sgd", "binary_crossentropy")
    history = model.fit(batches, epochs=2, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    shapes = sorted(batches[number][0]["token_ids"].shape[1] for number in range(len(batches)))
    assert shapes == [4, 4, 8, 8]
