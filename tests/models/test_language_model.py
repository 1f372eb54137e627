"""LanguageModel: its formula, carried states, dropouts and resumed training."""

import keras
import numpy as np
import pytest

from blogkit.layers import on_lstm_step
from blogkit.models import LanguageModel
from blogkit.nlp import continued_windows
from blogkit.optimizers import AveragedSGD, AveragedValidation

SIZES = dict(vocabulary_size=7, units=(6, 6), chunk_size=2)
REGULAR = dict(
    dropconnect=0.3,
    embedding_dropout=0.1,
    input_dropout=0.2,
    hidden_dropout=0.2,
    output_dropout=0.2,
    activation_penalty=2.0,
    change_penalty=1.0,
)


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture(scope="module")
def text():
    return np.random.default_rng(0).integers(0, 7, 90)


def fitted(text, epochs=1, callbacks=None, **options):
    keras.utils.set_random_seed(3)
    model = LanguageModel(**SIZES, batch_size=2, seed=3, **options)
    model.build((2, 5))  # BackupAndRestore asks for it
    x, y = continued_windows(text, 2, 5)
    model.compile(AveragedSGD(1.0), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(
        x,
        y,
        batch_size=2,
        shuffle=False,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
        validation_data=(x[:4], y[:4]),
        validation_batch_size=2,
    )
    return model


def test_is_embedding_layers_and_the_embedding_again(text):
    model = LanguageModel(7, units=(8, 6), chunk_size=2, seed=1)
    tokens = text[:10].reshape(2, 5)
    logits = array(model(tokens))
    x = array(model.embedding)[tokens]
    for layer, units in zip(model.recurrent, model.units):
        kernel, recurrent_kernel, bias = map(array, layer.get_weights())
        h = c = np.zeros((2, units), "float32")
        steps = []
        for time in range(5):
            z = x[:, time] @ kernel + h @ recurrent_kernel + bias
            h, c = map(array, on_lstm_step(*map(keras.ops.convert_to_tensor, (z, c)), levels=units // 2))
            steps.append(h)
        x = np.stack(steps, axis=1)
    np.testing.assert_allclose(logits, x @ array(model.embedding).T + array(model.bias), atol=1e-6)


def test_two_windows_are_one_long_text(text):
    """Carried states make two calls equal one; a reset, or none carried, does not."""
    long = text[:20].reshape(2, 10)
    model = LanguageModel(**SIZES, batch_size=2, seed=1)
    once = array(model(long))
    model.reset_states()
    halves = [array(model(part)) for part in (long[:, :5], long[:, 5:])]
    np.testing.assert_allclose(np.concatenate(halves, axis=1), once, atol=1e-6)
    model.reset_states()
    assert np.abs(array(model(long[:, 5:])) - halves[1]).max() > 1e-4
    free = LanguageModel(**SIZES, seed=1)
    np.testing.assert_array_equal(array(free(long)), array(free(long)))


def test_evaluation_begins_with_states_of_zero(text):
    model = fitted(text)
    x, y = continued_windows(text, 2, 5)
    first, second = (model.evaluate(x, y, batch_size=2, verbose=0) for _ in range(2))
    assert first == second
    logits = np.concatenate([array(model.predict(x, batch_size=2, verbose=0))])
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    assert first == pytest.approx(-np.take_along_axis(log_p, y[..., None], -1).mean(), rel=1e-5)


def test_distances_do_not_see_what_follows_nor_the_states(text):
    model = LanguageModel(**SIZES, batch_size=2, seed=1)
    tokens = text[:10].reshape(2, 5)
    before = model.distances(tokens)
    model(tokens)
    changed = tokens.copy()
    changed[:, 3:] = 0
    for ours, again, short in zip(before, model.distances(tokens), model.distances(changed)):
        np.testing.assert_array_equal(ours, again)
        np.testing.assert_allclose(ours[:, :3], short[:, :3], atol=1e-6)
        assert ours.shape == (2, 5) and (0 <= ours).all() and (ours < 1).all()


def test_penalties_and_dropouts_are_for_training_only(text):
    model, tokens = LanguageModel(**SIZES, **REGULAR, seed=1), text[:10].reshape(2, 5)
    plain = array(model(tokens))
    assert not model.losses
    np.testing.assert_array_equal(array(model(tokens)), plain)
    dropped = array(model(tokens, training=True))
    assert len(model.losses) == 2 and np.abs(dropped - plain).max() > 1e-4
    assert np.abs(array(model(tokens, training=True)) - dropped).max() > 1e-4  # a new mask each time


def test_input_and_hidden_masks_hold_for_all_times(text, monkeypatch):
    """Rates are told apart by what each mask is drawn for."""
    seen = []

    def dropout(ones, rate, seed):
        seen.append((tuple(ones.shape), rate))
        return ones

    monkeypatch.setattr(keras.random, "dropout", dropout)
    rates = dict(embedding_dropout=0.1, input_dropout=0.2, hidden_dropout=0.3, output_dropout=0.4)
    LanguageModel(7, units=(8, 6), chunk_size=2, seed=1, **rates)(text[:10].reshape(2, 5), training=True)
    # Whole tokens of the embedding; then one mask per row: before, between (8 wide) and after the layers.
    assert seen == [((7, 1), 0.1), ((2, 1, 6), 0.2), ((2, 1, 8), 0.3), ((2, 1, 6), 0.4)]


def test_the_activation_penalty_sees_what_was_dropped(text, monkeypatch):
    monkeypatch.setattr(keras.random, "dropout", lambda ones, rate, seed: 3 * ones)
    model, tokens = (
        LanguageModel(**SIZES, output_dropout=0.5, activation_penalty=1.0),
        text[:10].reshape(2, 5),
    )
    model(tokens, training=True)
    dropped = float(array(model.losses[0]))
    plain = LanguageModel(**SIZES, activation_penalty=1.0)
    plain.build((2, 5))
    plain.set_weights(model.get_weights())
    plain(tokens, training=True)
    assert dropped == pytest.approx(9 * float(array(plain.losses[0])), rel=1e-5)


def test_every_pass_over_the_text_begins_with_states_of_zero(text):
    """The first batch's loss does not depend on the states that were left before `fit`."""
    losses = []
    for left in (0.0, 0.9):
        model = fitted(text)
        x, y = continued_windows(text, 2, 5)
        for pair in model.states:
            for state in pair:
                state.assign(left * np.ones(state.shape, "float32"))
        model.optimizer.learning_rate = 0.0
        losses.append(model.fit(x[:2], y[:2], batch_size=2, shuffle=False, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_the_penalties_are_mean_squares(text):
    options = dict(activation_penalty=2.0, change_penalty=3.0)
    model, tokens = LanguageModel(**SIZES, **options, seed=1), text[:10].reshape(2, 5)
    logits = array(model(tokens, training=True))
    h = np.linalg.lstsq(array(model.embedding), (logits - array(model.bias)).reshape(-1, 7).T, rcond=None)[0]
    h = h.T.reshape(2, 5, 6)
    wanted = [2 * np.mean(h**2), 3 * np.mean(np.diff(h, axis=1) ** 2)]
    np.testing.assert_allclose([float(array(loss)) for loss in model.losses], wanted, rtol=1e-4)


def test_resumed_training_has_the_same_weights(text, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def backup():
        return [AveragedValidation(), keras.callbacks.BackupAndRestore(str(tmp_path / "backup"))]

    whole = fitted(text, epochs=4, callbacks=[AveragedValidation()], **REGULAR)
    with pytest.raises(KeyboardInterrupt):
        fitted(text, epochs=4, callbacks=[*backup(), Stop()], **REGULAR)
    resumed = fitted(text, epochs=4, callbacks=backup(), **REGULAR)
    for ours, theirs in zip(whole.variables, resumed.variables):
        np.testing.assert_array_equal(array(ours), array(theirs), err_msg=ours.path)


def test_saves_and_loads(text, tmp_path):
    model = fitted(text, **REGULAR)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_config() == model.get_config()
    tokens = text[:10].reshape(2, 5)
    np.testing.assert_array_equal(array(again(tokens)), array(model(tokens)))


def test_lstm_layers_are_keras_own(text):
    model, tokens = LanguageModel(7, (8, 6), chunk_size=None, seed=1), text[:10].reshape(2, 5)
    logits = array(model(tokens))
    x = keras.ops.take(model.embedding, tokens, axis=0)
    for layer in model.recurrent:
        assert type(layer) is keras.layers.LSTM
        x = layer(x)[0]
    np.testing.assert_allclose(logits, array(x) @ array(model.embedding).T + array(model.bias), atol=1e-6)
    with pytest.raises(ValueError, match="only ON-LSTM layers give distances"):
        model.distances(tokens)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"vocabulary_size": 1}, "vocabulary_size=1"),
        ({"units": ()}, "non-empty tuple with one width per layer"),
        ({"units": 8}, "units=8"),
        ({"chunk_size": 4}, r"must divide all `units`. Received: chunk_size=4, units=\(6, 6\)"),
        ({"chunk_size": None, "dropconnect": 0.1}, "`dropconnect` must be 0 for keras.layers.LSTM"),
        ({"dropconnect": 1.0}, "dropconnect=1.0"),
        ({"master_input_gate": "other"}, "master_input_gate='other'"),
        ({"hidden_dropout": 1.0}, r"\[0, 1\). Received: hidden_dropout=1.0"),
        ({"change_penalty": -1.0}, "change_penalty=-1.0"),
        ({"batch_size": 0}, "batch_size=0"),
    ],
)
def test_refuses_what_it_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        LanguageModel(**{**SIZES, **options})


def test_refuses_another_number_of_rows(text):
    with pytest.raises(
        ValueError, match=r"batch_size=2 rows, whose states.*Received: tokens of shape \(3, 4\)"
    ):
        LanguageModel(**SIZES, batch_size=2)(text[:12].reshape(3, 4))
