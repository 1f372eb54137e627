"""BestWeights: the best epoch's weights, early stop, and both in a resumed training."""

import importlib

import keras
import numpy as np
import pytest

from blogkit.models import BestWeights, ShuffledBatches, resumable_fit


def network():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.05), loss="mse")
    return model


def batches():
    x = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
    return ShuffledBatches((x, x[:, :1]), batch_size=4, seed=0)


class Script:
    """Scores of the epochs as written, and the weights that each epoch had."""

    def __init__(self, model, scores):
        self.model, self.scores, self.seen = model, list(scores), []

    def __call__(self):
        self.seen.append([np.array(weight) for weight in self.model.get_weights()])
        self.model.predict(np.ones((2, 3)), verbose=0)  # as a measure does
        return self.scores[len(self.seen) - 1]


def equal(weights, others):
    return all(np.array_equal(a, b) for a, b in zip(weights, others, strict=True))


@pytest.mark.parametrize(
    ("scores", "patience", "epochs", "best"),
    [
        ([0.1, 0.9, 0.5, 0.2], None, 4, 1),
        ([0.1, 0.9, 0.5, 0.2, 1.0], 2, 4, 1),
        ([0.3, 0.3, 0.3], None, 3, 0),  # only a strictly better epoch replaces the first
        ([0.1, 0.2, 0.3], 1, 3, 2),
        ([-5.0, -7.0], 1, 2, 0),
        ([-np.inf, -np.inf, 0.5], 1, 2, 0),  # a log-likelihood may be that
    ],
)
def test_the_training_ends_with_the_weights_of_the_best_epoch(scores, patience, epochs, best):
    model = network()
    script = Script(model, scores)
    keeper = BestWeights(script, patience)
    history = resumable_fit(model, batches(), callbacks=[keeper], epochs=len(scores), verbose=0)
    assert history["score"] == scores[:epochs] and len(history["loss"]) == epochs
    assert (keeper.epoch, keeper.best) == (best, scores[best])
    assert equal(model.get_weights(), script.seen[best])
    assert not equal(script.seen[0], script.seen[1])


def test_a_second_fit_starts_anew():
    model = network()
    keeper = BestWeights(iter([0.9, 0.1, 0.2]).__next__)
    model.fit(batches(), epochs=1, verbose=0, callbacks=[keeper])
    model.fit(batches(), epochs=2, verbose=0, callbacks=[keeper])
    assert (keeper.best, keeper.epoch) == (0.2, 1)


class Killed(keras.callbacks.Callback):
    def __init__(self, epoch):
        super().__init__()
        self.when = epoch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.when:
            raise KeyboardInterrupt


@pytest.mark.parametrize("killed", [1, 2, 3])
@pytest.mark.parametrize(("scores", "patience"), [([0.1, 0.9, 0.5, 0.2], None), ([0.9, 0.5, 0.2, 0.1], 3)])
def test_a_resumed_training_knows_the_best_weights_so_far(tmp_path, killed, scores, patience):
    whole = network()
    keeper = BestWeights(Script(whole, scores), patience)
    history = resumable_fit(whole, batches(), callbacks=[keeper], epochs=4, verbose=0)

    first = network()
    with pytest.raises(KeyboardInterrupt):
        resumable_fit(
            first, batches(), folder=tmp_path / "a", epochs=4, verbose=0,
            callbacks=[BestWeights(Script(first, scores), patience), Killed(killed)],
        )  # fmt: skip
    for _ in range(2):  # the second time there is nothing left to train
        (copy := network()).predict(np.ones((1, 3)), verbose=0)
        again = BestWeights(Script(copy, scores[killed:]), patience)
        found = resumable_fit(copy, batches(), folder=tmp_path / "a", epochs=4, verbose=0, callbacks=[again])
        assert found == history
        assert (again.best, again.epoch) == (keeper.best, keeper.epoch)
        assert equal(copy.get_weights(), whole.get_weights())
        forget_that_it_is_finished()


def forget_that_it_is_finished():
    """As a new process would not know it."""
    importlib.import_module("blogkit.models.resumable_fit")._finished.clear()


def test_damaged_best_weights_are_noticed(tmp_path):
    model = network()
    resumable_fit(
        model, batches(), folder=tmp_path, name="a", epochs=2, verbose=0,
        callbacks=[BestWeights(Script(model, [0.9, 0.1]))],
    )  # fmt: skip
    forget_that_it_is_finished()
    newest = tmp_path / "a" / "epoch-000002" / "callback-0.npz"
    newest.write_bytes(newest.read_bytes()[:-100])
    model = network()
    keeper = BestWeights(Script(model, [0.1]))
    history = resumable_fit(
        model, batches(), folder=tmp_path, name="a", epochs=2, verbose=0, callbacks=[keeper]
    )
    assert history["score"] == [0.9, 0.1] and keeper.epoch == 0  # from the backup before


def test_bad_arguments_and_scores_are_named():
    with pytest.raises(ValueError, match="`patience` must be"):
        BestWeights(lambda: 0.0, patience=0)
    with pytest.raises(ValueError, match="NaN after epoch 1"):
        network().fit(batches(), verbose=0, callbacks=[BestWeights(lambda: float("nan"))])
