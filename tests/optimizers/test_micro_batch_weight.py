"""The identity that defines a weight: sum of W_k L_k / sum of W_k = L(large batch)."""

import keras
import numpy as np
import pytest
from keras import layers, losses, ops

from blogkit.optimizers.micro_batch_weight import micro_batch_weight

SPLITS = [0, 3, 4, 9, 12]  # micro-batches of 3, 1, 5 and 3 samples


def absolute_per_sample(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=tuple(range(1, len(y_pred.shape))))


LOSSES = {
    "name": "mse",
    "function": absolute_per_sample,
    "mean": losses.MeanAbsoluteError(reduction="mean"),
    "sum_over_batch_size": losses.Huber(),
    "mean_with_sample_weight": losses.MeanSquaredError(reduction="mean_with_sample_weight"),
}


def compute_loss(model, loss, x, y, sample_weight):
    """The loss of Keras itself, and our weight, for one batch."""
    y_pred = model(x)
    weight = micro_batch_weight(loss, x, y, y_pred, sample_weight)
    value = model.compute_loss(x, y, y_pred, sample_weight)
    return float(ops.convert_to_numpy(value)), float(weight)


def assert_identity(model, loss, x, y, sample_weight=None):
    rng_of_weights = np.random.default_rng(5)
    model.set_weights([rng_of_weights.normal(size=w.shape) for w in model.get_weights()])
    model.compile("sgd", loss)

    def part(array, start, end):
        return None if array is None else ops.convert_to_tensor(array[start:end])

    large, _ = compute_loss(model, loss, *(part(a, 0, None) for a in (x, y, sample_weight)))
    pairs = [
        compute_loss(model, loss, *(part(a, start, end) for a in (x, y, sample_weight)))
        for start, end in zip(SPLITS, SPLITS[1:])
    ]
    values, weights = np.array(pairs).T
    np.testing.assert_allclose(np.average(values, weights=weights), large, rtol=2e-6)
    # The identity would not hold by accident.
    assert abs(values.mean() - large) > 1e-3 * abs(large)


def column(rng):
    return rng.normal(size=(12, 1)).astype("float32")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_samples(name, weighted, rng):
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    x = rng.normal(size=(12, 2)).astype("float32")
    sample_weight = rng.uniform(0.1, 3, size=12).astype("float32") if weighted else None
    assert_identity(model, LOSSES[name], x, column(rng), sample_weight)


def sentences(rng):
    """Twelve sentences of 1 to 6 tokens, padded with 0, sorted so that batches differ."""
    lengths = np.sort(rng.integers(1, 7, size=12))
    tokens = rng.integers(1, 9, size=(12, 6))
    return np.where(np.arange(6) < lengths[:, None], tokens, 0)


def tagger(mask_zero=True):
    return keras.Sequential(
        [keras.Input((None,)), layers.Embedding(9, 3, mask_zero=mask_zero), layers.Dense(2)]
    )


@pytest.mark.parametrize("weights", [None, "per_sample", "per_token"])
@pytest.mark.parametrize("name", ["sum_over_batch_size", "mean_with_sample_weight"])
def test_masked_tokens(name, weights, rng):
    if weights == "per_sample" and keras.backend.backend() == "torch":
        pytest.skip("Keras multiplies weights of shape (batch, 1) by the mask in place")
    x = sentences(rng)
    y = rng.normal(size=(12, 6, 2)).astype("float32")
    shape = {None: None, "per_sample": (12, 1), "per_token": (12, 6)}[weights]
    sample_weight = None if shape is None else rng.uniform(0.1, 3, shape).astype("float32")
    assert_identity(tagger(), LOSSES[name], x, y, sample_weight)


def test_sparse_labels_behind_a_mask(rng):
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=None)
    assert_identity(tagger(), loss, sentences(rng), rng.integers(0, 2, size=(12, 6)))


def test_a_loss_that_has_one_value_a_sample_counts_samples_of_any_length(rng):
    model, values = tagger(mask_zero=False), []
    for length in (2, 6):
        x = rng.integers(1, 9, size=(3, length))
        y_pred = model(x)
        y = np.zeros((3, length, 2), "float32")
        for loss in ("mse", absolute_per_sample):
            values.append(float(micro_batch_weight(loss, x, y, y_pred, None)))
    assert values == [6, 3, 18, 3]  # tokens, samples, tokens, samples


def test_weights_are_summed_as_precisely_as_the_loss_does():
    if keras.backend.backend() == "jax":
        pytest.skip("JAX has float64 only on request, as in test_conformance.py")
    weights = ops.convert_to_tensor(np.array([1.0, 2.0**-40]), dtype="float64")
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight", dtype="float64")
    pair = ops.ones((2, 1), dtype="float64")
    assert float(micro_batch_weight(loss, pair, pair, pair, weights)) == 1 + 2.0**-40


def test_no_loss_but_add_loss_counts_samples():
    assert float(micro_batch_weight(None, {"a": np.ones((5, 2))}, None, np.ones(()), None)) == 5


def test_several_outputs_that_all_count_samples():
    predictions = {"a": ops.ones((4, 1)), "b": ops.ones((4, 2))}
    loss = {"a": "mse", "b": losses.MeanAbsoluteError()}
    assert float(micro_batch_weight(loss, np.ones((4, 3)), None, predictions, None)) == 4


def test_refuses_several_outputs_behind_a_mask():
    tokens = ops.convert_to_tensor(np.array([[1, 2, 0], [3, 0, 0]]))
    masked = tagger()(tokens)
    with pytest.raises(ValueError, match="2 outputs and 2 losses, with masks"):
        micro_batch_weight(["mse", "mse"], tokens, None, [masked, ops.ones((2, 1))], None)


def test_refuses_several_outputs_with_weights_of_their_own():
    loss = ["mse", losses.MeanSquaredError(reduction="mean_with_sample_weight")]
    predictions = [ops.ones((4, 1)), ops.ones((4, 2))]
    with pytest.raises(ValueError, match="2 outputs.*mean_with_sample_weight.*reduction='sum'"):
        micro_batch_weight(loss, np.ones((4, 3)), None, predictions, None)
