"""TripleExtractor: loss, decoding of probabilities, training, files and errors."""

import keras
import numpy as np
import pytest
from keras import ops
from triple_examples import PREDICATES, SENTENCES, TOKENIZER

from blogkit.models import DGCNN, TripleExtractor, triple_loss


def array(tensor):
    return ops.convert_to_numpy(tensor)


@keras.saving.register_keras_serializable("tests")
class Rules(keras.layers.Layer):
    """Probabilities by rule: 丙...丁 is a subject; 作者 of it is 甲, 歌手 is 乙, if they stand behind it."""

    def encode(self, tokens, mask, training=False):
        return ops.one_hot(ops.cast(tokens, "int32"), len(TOKENIZER))

    def subjects(self, x, mask, training=False):
        return ops.stack([self._is(x, "丙"), self._is(x, "丁")], axis=-1)

    def objects(self, x, mask, start, end, training=False):
        places, ends = ops.arange(x.shape[1], dtype="int32")[None], ops.cast(end, "int32")[:, None]
        from_there, to_there = (
            ops.take_along_axis(self._is(x, name), ops.cast(place, "int32")[:, None], axis=1)
            for name, place in (("丙", start), ("丁", end))
        )
        behind = ops.cast(places > ends, x.dtype) * from_there * to_there
        found = ops.stack([self._is(x, name) * behind for name in "甲乙"], axis=-1)
        return ops.stack([found, found], axis=2) * ops.cast(mask, x.dtype)[:, :, None, None]

    def _is(self, x, character):
        return x[..., TOKENIZER.encode(character)[1]]


def small_network(**options):
    """Without the recurrent layer, which takes long to compile; the doctest trains one with it."""
    return DGCNN(
        len(TOKENIZER),
        2,
        max_length=14,
        dim=8,
        dilations=(2,),
        num_heads=2,
        head_dim=4,
        conditioned=False,
        **options,
    )


class Averages(keras.callbacks.Callback):
    """The moving average of all weights, by hand; and what the model holds when an epoch has ended."""

    def on_train_batch_end(self, batch, logs=None):
        now = [array(w).astype("float64") for w in self.model.trainable_variables]
        before = getattr(self, "average", now)
        self.average = [0.8 * a + 0.2 * w for a, w in zip(before, now)]

    def on_epoch_end(self, epoch, logs=None):
        self.held = self.model.get_weights()


@pytest.fixture(scope="module")
def trained():
    """Two epochs of a small network, with the averages of its weights swapped in."""
    keras.utils.set_random_seed(0)
    model = TripleExtractor(small_network(seed=0, dropout=0.1), TOKENIZER, PREDICATES, max_length=14)
    model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.8))
    averages = Averages()
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    batches = model.batches(SENTENCES, batch_size=2, seed=3)
    history = model.fit(batches, epochs=30, verbose=0, callbacks=[swap, averages])
    return model, averages, history.history["loss"]


def test_loss_is_four_masked_means(rng):
    labels = {"subjects": rng.integers(0, 2, (3, 5, 2)), "objects": rng.integers(0, 2, (3, 5, 2, 4))}
    guesses = {name: rng.uniform(0.01, 0.99, label.shape) for name, label in labels.items()}
    mask = np.arange(5) < np.array([5, 2, 0])[:, None]

    def masked_mean(y, p):  # y and p (batch, length) or (batch, length, predicates)
        entropy = -(y * np.log(p) + (1 - y) * np.log(1 - p))
        entropy = entropy.sum(axis=-1) if entropy.ndim == 3 else entropy
        return (mask * entropy).sum() / mask.sum()

    wanted = sum(
        masked_mean(labels[name][:, :, part], guesses[name][:, :, part]) for name in labels for part in (0, 1)
    )
    assert float(triple_loss(labels, guesses, mask)) == pytest.approx(wanted, rel=1e-5)
    assert float(triple_loss(labels, guesses, 0 * mask)) == 0
    certain = {name: label.astype("float32") for name, label in labels.items()}
    assert float(triple_loss(labels, certain, mask)) < 1e-4  # no logarithm of 0


def test_loss_of_a_step_is_the_formula(trained):
    model, _, _ = trained
    inputs, labels = model.batches(SENTENCES, batch_size=4)[0]
    wanted = triple_loss(labels, {k: array(v) for k, v in model(inputs).items()}, inputs["tokens"] > 0)
    assert model.evaluate(model.batches(SENTENCES, batch_size=4), verbose=0) == pytest.approx(
        float(wanted), rel=1e-5
    )


def test_reads_triples_out_of_probabilities():
    extractor = TripleExtractor(Rules(), TOKENIZER, PREDICATES, max_length=12)
    texts = ["丙丁甲，丙x丁乙", "", "丙丁", "甲丙丁x乙", "丙丙丁甲"]
    wanted = [
        {("丙丁", "作者", "甲"), ("丙丁", "歌手", "乙"), ("丙x丁", "歌手", "乙")},
        set(),
        set(),
        {("丙丁", "歌手", "乙")},
        {("丙丙丁", "作者", "甲"), ("丙丁", "作者", "甲")},
    ]
    for size in (1, 2, 32):
        assert extractor.extract(texts, batch_size=size) == wanted
    assert extractor.extract([]) == []


def test_long_texts_are_read_in_windows():
    extractor = TripleExtractor(Rules(), TOKENIZER, PREDICATES, max_length=10)
    for before in range(25):  # wherever they stand, a window of 8 holds any 4 characters
        for after in (0, 7):
            assert extractor.extract(["x" * before + "丙丁x甲" + "x" * after]) == [{("丙丁", "作者", "甲")}]
    assert extractor.extract(["丙丁" + "x" * 30 + "甲"]) == [set()]  # in no window together


def test_rules_are_applied_unless_told_not_to():
    extractor = TripleExtractor(Rules(), TOKENIZER, ["妻子", "歌手"], max_length=12)
    assert extractor.extract(["丙丁甲"]) == [{("丙丁", "妻子", "甲"), ("甲", "丈夫", "丙丁")}]
    assert extractor.extract(["丙丁甲"], rules=False) == [{("丙丁", "妻子", "甲")}]


def test_learns_and_ends_with_averaged_weights(trained):
    model, averages, losses = trained
    assert losses[-1] < 0.7 * losses[0]
    for average, weight, held in zip(averages.average, model.trainable_variables, averages.held):
        np.testing.assert_allclose(array(weight), average, atol=1e-5)
        np.testing.assert_allclose(held, average, atol=1e-5)


def test_extracts_with_the_weights_of_now(trained):
    """Compiled passes follow the weights."""
    model, _, _ = trained
    before, weights = model.extract(["甲写了《丙》"]), model.get_weights()
    model.set_weights([0 * weight for weight in weights])
    assert model.extract(["甲写"]) == [set()]  # all probabilities are a half, or a product of halves
    network = model.network
    for layer in (
        network.subject_output,
        network.object_gate,
        network.object_output,
        network.start_prior,
        network.end_prior,
        network.predicate_prior,
    ):
        layer.bias.assign(9 + 0 * layer.bias)
    assert model.extract(["甲"]) == [{("甲", "作者", "甲"), ("甲", "歌手", "甲")}]
    model.set_weights(weights)
    assert model.extract(["甲写了《丙》"]) == before


def test_saved_and_loaded(trained, tmp_path):
    model, _, _ = trained
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs, _ = model.batches(SENTENCES)[0]
    for name, part in model(inputs).items():
        np.testing.assert_array_equal(array(loaded(inputs)[name]), array(part))
    assert (loaded.predicates, loaded.max_length) == (PREDICATES, 14)
    assert loaded.tokenizer.vocabulary == TOKENIZER.vocabulary and loaded.network.dilations == (2,)
    config = model.get_config()
    for _ in range(2):  # the caller's dict is left as it is
        assert TripleExtractor.from_config(config).predicates == PREDICATES


def test_resumed_training_has_the_same_weights(tmp_path):
    def fitted(*callbacks):
        keras.utils.set_random_seed(0)
        model = TripleExtractor(small_network(seed=0, dropout=0.1), TOKENIZER, PREDICATES, max_length=14)
        model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.8))
        model.build()
        model.fit(
            model.batches(4 * SENTENCES, 2, seed=3, swap=0.5), epochs=4, verbose=0, callbacks=list(callbacks)
        )
        return model

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(str(tmp_path / "backup"), double_checkpoint=True)

    whole = fitted()
    with pytest.raises(KeyboardInterrupt):
        fitted(backup(), Stop())
    resumed = fitted(backup())
    for ours, theirs in zip(whole.variables, resumed.variables, strict=True):
        np.testing.assert_array_equal(array(ours), array(theirs), err_msg=ours.path)


def test_says_what_does_not_fit():
    network = Rules()
    for predicates in ([], ["作者", "作者"]):
        with pytest.raises(ValueError, match="`predicates` must be unique and at least one"):
            TripleExtractor(network, TOKENIZER, predicates, 12)
    with pytest.raises(ValueError, match="max_length=2"):
        TripleExtractor(network, TOKENIZER, PREDICATES, 2)
    extractor = TripleExtractor(network, TOKENIZER, PREDICATES, 12)
    for wrong in ("甲", ["甲", None]):
        with pytest.raises(ValueError, match="`texts` must be a list of strings"):
            extractor.extract(wrong)
    with pytest.raises(ValueError, match="among the 2 of the extractor. Received: '导演'"):
        extractor.batches([("甲乙", [("甲", "导演", "乙")])])
    with pytest.raises(ValueError, match="A triple must be three strings"):
        extractor.batches([("甲乙", [("甲", "作者")])])
    with pytest.raises(ValueError, match="Received: 2 sentences without one"):
        extractor.batches([("甲乙", []), ("x" * 20 + "甲", [("x", "作者", "甲")])])
    for name, value in (("swap", 1.5), ("seed", -1), ("batch_size", 0)):
        with pytest.raises(ValueError, match=f"{name}={value}"):
            extractor.batches(SENTENCES, **{name: value})
