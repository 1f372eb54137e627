"""Heads on a BERT encoder: against NumPy, with padding, saved and loaded, in fit."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.models import (
    BertTripleNetwork,
    SpanLoss,
    TripleExtractor,
    bert_encoder,
    masked_language_model,
    span_extractor,
    text_classifier,
)
from blogkit.nlp import CharTokenizer, masked_tokens
from blogkit.optimizers import AccumOptimizer

IDS = np.array([[3, 7, 9, 4, 0, 0], [3, 5, 5, 8, 6, 4]], "int32")


def small_encoder(dropout=0.1):
    keras.utils.set_random_seed(0)
    return bert_encoder(vocabulary_size=30, hidden_dim=8, num_layers=1, max_length=12, dropout=dropout)


@pytest.fixture(scope="module")
def encoder():
    return small_encoder()


def vectors(encoder, ids):
    inputs = {"token_ids": ids, "segment_ids": np.zeros_like(ids), "padding_mask": (ids > 0).astype("int32")}
    return ops.convert_to_numpy(encoder(inputs)["sequence_output"])


def values(tensor):
    return ops.convert_to_numpy(tensor)


def scramble(*layers):
    """Weights that are not near 0, biases included."""
    rng = np.random.default_rng(1)
    for layer in layers:
        layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])


def test_the_classifier_reads_the_first_vector_alone(encoder):
    model = text_classifier(encoder)
    scramble(model.layers[-1])
    kernel, bias = model.layers[-1].get_weights()
    expected = 1 / (1 + np.exp(-(vectors(encoder, IDS)[:, 0] @ kernel + bias)))
    np.testing.assert_allclose(values(model(IDS)), expected, atol=1e-6)
    deep = text_classifier(encoder, hidden=(5, 4))
    assert [layer.units for layer in deep.layers if isinstance(layer, keras.layers.Dense)] == [5, 4, 1]
    assert len(deep.trainable_weights) == len(model.trainable_weights) + 4
    with pytest.raises(ValueError, match="hidden=0"):
        text_classifier(encoder, hidden=(0,))


def test_the_span_is_of_two_numbers_a_token(encoder):
    model = span_extractor(encoder)
    scramble(model.get_layer("start_and_end"))
    (kernel,) = model.get_layer("start_and_end").get_weights()
    logits = values(model(IDS))
    np.testing.assert_allclose(logits[IDS > 0], (vectors(encoder, IDS) @ kernel)[IDS > 0], atol=1e-5)
    assert (logits[IDS == 0] < -1e8).all() and logits.dtype == "float32"


@pytest.mark.parametrize("ordered", [True, False])
def test_the_end_competes_with_what_is_not_before_the_start(rng, ordered):
    logits = rng.normal(scale=3, size=(5, 7, 2)).astype("float32")
    logits[0, 5:] = -1e9  # padding
    first, last = np.array([2, 0, 6, 3, 1]), np.array([4, 0, 6, 5, 6])
    expected = 0
    for row, i, j in zip(logits.astype("float64"), first, last):
        ends = row[i if ordered else 0 :, 1]
        expected += np.log(np.exp(row[:, 0]).sum()) - row[i, 0] + np.log(np.exp(ends).sum()) - row[j, 1]
    loss = SpanLoss(ordered)(np.stack([first, last], axis=1), logits)
    assert float(loss) == pytest.approx(expected / 5, rel=1e-5)
    assert SpanLoss.from_config(SpanLoss(ordered).get_config()).ordered is ordered


def test_the_guess_is_tied_to_the_embedding(encoder):
    model = masked_language_model(encoder)
    positions = np.array([[1, 3], [4, 0]])
    scramble(head := model.get_layer("guess"))
    kernel, scale, shift, bias, output_bias = (
        {
            weight.path.split("guess/")[1]: values(weight)
            for weight in head.weights
            if "embedding" not in weight.path
        }[name]
        for name in (
            "intermediate_dense/kernel",
            "intermediate_layer_norm/gamma",
            "intermediate_layer_norm/beta",
            "intermediate_dense/bias",
            "output_bias",
        )
    )
    x = np.take_along_axis(vectors(encoder, IDS), positions[..., None], axis=1) @ kernel + bias
    h = values(keras.activations.gelu(x.astype("float32")))
    h = (h - h.mean(-1, keepdims=True)) / np.sqrt(h.var(-1, keepdims=True) + 1e-12) * scale + shift
    expected = h @ values(encoder.token_embedding.embeddings).T + output_bias
    found = values(model({"token_ids": IDS, "mask_positions": positions}))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.dtype == "float32"


def test_objects_know_their_subject_by_two_added_vectors(encoder):
    network = BertTripleNetwork(encoder, num_predicates=3)
    network.build(IDS.shape)
    scramble(network.subject_output, network.object_output)
    x = network.encode(IDS, IDS > 0)
    np.testing.assert_allclose(values(x)[IDS > 0], vectors(encoder, IDS)[IDS > 0], atol=1e-6)
    start, end = np.array([1, 2]), np.array([2, 2])
    kernel, bias = network.object_output.get_weights()
    for row in range(2):
        subject = (values(x)[row, start[row]] + values(x)[row, end[row]]) / 2
        expected = 1 / (1 + np.exp(-((values(x)[row] + subject) @ kernel + bias)))
        found = values(network.objects(x, IDS > 0, start, end))[row]
        np.testing.assert_allclose(found.reshape(6, 6), expected, atol=1e-5)
    kernel, bias = network.subject_output.get_weights()
    np.testing.assert_allclose(
        values(network.subjects(x, IDS > 0)), 1 / (1 + np.exp(-(values(x) @ kernel + bias))), atol=1e-5
    )
    with pytest.raises(ValueError, match="num_predicates=0"):
        BertTripleNetwork(encoder, 0)


def test_two_models_train_one_encoder_and_survive_a_file(tmp_path):
    """Pre-training moves what the pointer reads; no pooler, so no warning; the file gives the same model."""
    encoder = small_encoder(dropout=0.0)
    tokenizer = CharTokenizer.from_texts([chr(0x4E00 + number) for number in range(20)])
    rng = np.random.default_rng(0)
    ids = rng.integers(6, 20, (64, 6)).astype("int32")
    spans = np.sort([rng.choice(6, 2, replace=False) for _ in ids], axis=1)
    ids[np.arange(64), spans[:, 0]], ids[np.arange(64), spans[:, 1]] = 24, 25  # a bracket on either side
    model, classifier = span_extractor(encoder), text_classifier(encoder)
    before = values(model(ids[:2]))
    guess = masked_language_model(encoder)
    guess.compile(
        "adam",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="mean_with_sample_weight"),
    )
    inputs, hidden, weights = masked_tokens(ids, tokenizer)
    guess.fit(inputs, hidden, sample_weight=weights, verbose=0)
    assert np.abs(values(model(ids[:2])) - before).max() > 1e-5
    model.compile(keras.optimizers.Adam(0.01), SpanLoss())
    losses = model.fit(ids, spans, epochs=12, verbose=0).history["loss"]
    assert losses[-1] < 0.2 * losses[0]
    for number, one in enumerate((model, classifier)):
        one.save(tmp_path / f"{number}.keras")
        again = keras.models.load_model(tmp_path / f"{number}.keras")
        np.testing.assert_allclose(values(again(ids[:2])), values(one(ids[:2])), atol=1e-5)


@pytest.mark.parametrize("cut", [False, True])
def test_triples_are_learnt_and_the_file_keeps_them(tmp_path, cut):
    sentences = [("甲写了乙", [("乙", "作者", "甲")]), ("丙写了丁", [("丁", "作者", "丙")])] * 4
    tokenizer = CharTokenizer.from_texts(text for text, _ in sentences)
    extractor = TripleExtractor(
        BertTripleNetwork(small_encoder(dropout=0.0), 1), tokenizer, ["作者"], max_length=8, cut=cut
    )
    extractor.compile(keras.optimizers.Adam(0.01))
    extractor.fit(extractor.batches(sentences, batch_size=8), epochs=40, verbose=0)
    assert extractor.extract(["甲写了乙", "丙写了丁"]) == [set(triples) for _, triples in sentences[:2]]
    extractor.save(tmp_path / "extractor.keras")
    again = keras.models.load_model(tmp_path / "extractor.keras")
    assert again.extract(["甲写了乙"]) == [{("乙", "作者", "甲")}] and again.cut == cut


def test_padding_that_is_cut_does_not_change_the_triples(monkeypatch):
    keras.utils.set_random_seed(0)
    sentences = [("甲写了乙", [("乙", "作者", "甲")]), ("很久很久以前丙写了丁", [("丁", "作者", "丙")])] * 4
    tokenizer = CharTokenizer.from_texts(text for text, _ in sentences)
    network = BertTripleNetwork(small_encoder(dropout=0.0), 1)
    whole, cut = (
        TripleExtractor(network, tokenizer, ["作者"], max_length=12, cut=cut) for cut in (False, True)
    )
    cut.compile(keras.optimizers.Adam(0.01))
    cut.fit(cut.batches(sentences, batch_size=2), epochs=40, verbose=0)
    texts = [text for text, _ in sentences[:2]] + ["", "写" * 40]
    found = cut.extract(texts, batch_size=1)
    assert found == whole.extract(texts, batch_size=3)
    assert found[:2] == [set(triples) for _, triples in sentences[:2]]


def test_in_half_precision_heads_stay_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        encoder = small_encoder()
        assert encoder.output["sequence_output"].dtype == "bfloat16"
        for head in (text_classifier, span_extractor, masked_language_model):
            assert head(encoder).output.dtype == "float32"
    finally:
        keras.config.set_dtype_policy("float32")


def test_the_mean_leaves_padding_out(encoder):
    model = text_classifier(encoder, pooling="mean")
    scramble(model.layers[-1])
    kernel, bias = model.layers[-1].get_weights()
    means = np.stack([row[: (ids > 0).sum()].mean(axis=0) for row, ids in zip(vectors(encoder, IDS), IDS)])
    np.testing.assert_allclose(values(model(IDS)), 1 / (1 + np.exp(-(means @ kernel + bias))), atol=1e-6)
    assert np.isfinite(values(model(np.zeros((1, 4), "int32")))).all()  # a row of padding alone
    with pytest.raises(ValueError, match="pooling='max'"):
        text_classifier(encoder, pooling="max")


def test_a_text_that_is_too_long_is_named(encoder):
    for model in (text_classifier(encoder), span_extractor(encoder)):
        assert len(values(model(np.ones((1, 12), "int32")))) == 1
        with pytest.raises(ValueError, match=r"at most 12 tokens.*\(1, 13\).*max_length=12"):
            model(np.ones((1, 13), "int32"))
    with pytest.raises(ValueError, match="at most 12 tokens"):
        text_classifier(encoder).predict(np.ones((3, 13), "int32"), verbose=0)


def fine_tuned(optimizer, batch_size, policy="float32"):
    """Losses and weights of six passes over 32 rows in a fixed order, without dropout."""
    keras.config.set_dtype_policy(policy)
    try:
        model = text_classifier(small_encoder(dropout=0.0), pooling="mean")
    finally:
        keras.config.set_dtype_policy("float32")
    rng = np.random.default_rng(0)
    ids = rng.integers(1, 30, (32, 9)).astype("int32")
    labels = (ids[:, 1:2] > 15).astype("float32")
    model.compile(optimizer, "binary_crossentropy")
    history = model.fit(ids, labels, batch_size=batch_size, shuffle=False, epochs=6, verbose=0)
    return history.history["loss"], model.get_weights()


def test_four_micro_batches_of_eight_are_one_batch_of_32():
    """Beside a window of one: TensorFlow's sparse gradients of embeddings make plain Adam another rule."""
    _, large = fine_tuned(AccumOptimizer(keras.optimizers.AdamW(1e-2), 1), 32)
    _, accumulated = fine_tuned(AccumOptimizer(keras.optimizers.AdamW(1e-2), 4), 8)
    _, small = fine_tuned(AccumOptimizer(keras.optimizers.AdamW(1e-2), 1), 8)
    for ours, theirs in zip(accumulated, large, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert max(np.abs(a - b).max() for a, b in zip(small, large)) > 1e-2


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_the_encoder_is_fine_tuned_in_mixed_precision(policy):
    if (keras.backend.backend(), policy) == ("jax", "mixed_float16"):
        pytest.skip("JAX has no float16 products with float32 sums on a CPU")
    plain, _ = fine_tuned(keras.optimizers.AdamW(1e-2), 8)
    mixed, weights = fine_tuned(keras.optimizers.AdamW(1e-2), 8, policy)
    assert mixed[-1] < 0.8 * mixed[0] and abs(mixed[0] - plain[0]) < 0.05
    assert {weight.dtype.name for weight in weights} <= {"float32", "int32", "uint32"}
