"""Identities of ordered neurons from the article; dropconnect and its expectation."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.layers import ONLSTM, ONLSTMCell, on_lstm_step

UNITS, LEVELS, SHAPE = 12, 4, (3, 6, 5)


def numpy(tensor):
    return ops.convert_to_numpy(tensor)


@pytest.fixture
def x(rng):
    return rng.normal(size=SHAPE).astype("float32")


def built(layer, rng):
    layer.build(SHAPE)
    for variable in layer.trainable_weights:
        variable.assign(rng.normal(size=variable.shape))
    return layer


def test_one_level_reverse_is_a_keras_lstm(x, rng):
    lstm = built(keras.layers.LSTM(UNITS, return_sequences=True), rng)
    layer = built(ONLSTM(UNITS, 1, True, return_distances=True), rng)
    for variable, other in zip(layer.trainable_weights, lstm.trainable_weights):
        i, f, g, o = np.split(numpy(other), 4, axis=-1)
        # Whatever the logits of the two master gates are.
        variable.assign(np.concatenate([numpy(variable)[..., :2], f, i, o, g], axis=-1))
    outputs, distances = layer(x)
    np.testing.assert_allclose(numpy(outputs), numpy(lstm(x)), atol=1e-6)
    assert (numpy(distances) == 0).all()


@pytest.mark.parametrize("levels", [1, LEVELS])
def test_complement_never_writes_to_the_last_level(levels, x, rng):
    layer = built(ONLSTM(UNITS, levels, True, master_input_gate="complement"), rng)
    by_level = np.abs(numpy(layer(x))).reshape(*SHAPE[:2], levels, -1).max((0, 1, 3))
    assert by_level[-1] == 0
    assert (by_level[:-1] > 0.1).all()
    reverse = ONLSTM(UNITS, levels, True)
    reverse.build(SHAPE)
    reverse.set_weights(layer.get_weights())
    assert np.abs(numpy(reverse(x)))[..., -UNITS // levels :].max() > 0.1


def test_one_hot_levels_give_the_piecewise_rule(rng):
    """History of level d_f is kept from d_f on, input of level d_i is written up to d_i."""
    z = rng.normal(size=(LEVELS**2, 2 * LEVELS + 4 * UNITS))
    c = rng.normal(size=(LEVELS**2, UNITS))
    pairs = [(d_f, d_i) for d_f in range(LEVELS) for d_i in range(LEVELS)]
    f, i, o, g = np.split(z[:, 2 * LEVELS :], 4, axis=1)
    f, i, o, g = *(1 / (1 + np.exp(-gate)) for gate in (f, i, o)), np.tanh(g)
    expected = np.zeros_like(c)
    for row, (d_f, d_i) in enumerate(pairs):
        z[row, : 2 * LEVELS] = -1e4
        z[row, d_f] = z[row, LEVELS + d_i] = 1e4
        for unit in range(UNITS):
            level = unit // (UNITS // LEVELS)
            old, new = c[row, unit], g[row, unit]
            if d_f <= level <= d_i:
                expected[row, unit] = f[row, unit] * old + i[row, unit] * new
            elif level >= d_f:
                expected[row, unit] = old
            elif level <= d_i:
                expected[row, unit] = new
    h, new_c = on_lstm_step(*(ops.convert_to_tensor(v, "float32") for v in (z, c)), LEVELS)
    np.testing.assert_allclose(numpy(new_c), expected, atol=1e-6)
    np.testing.assert_allclose(numpy(h), o * np.tanh(expected), atol=1e-6)


def test_distance_is_the_expected_split_point(x, rng):
    """d_f = sum over k of k p_f(k), counted from 1, = levels * distance + 1."""
    layer = built(ONLSTM(UNITS, LEVELS, True, return_distances=True), rng)
    outputs, distances = layer(x)
    kernel, recurrent, bias = map(numpy, layer.trainable_weights)
    earlier = np.concatenate([np.zeros((3, 1, UNITS)), numpy(outputs)[:, :-1]], axis=1)
    logits = (x @ kernel + earlier @ recurrent + bias)[..., :LEVELS]
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    d_f = (p * np.arange(1, LEVELS + 1)).sum(-1)
    np.testing.assert_allclose(LEVELS * numpy(distances) + 1, d_f, atol=1e-5)


def test_dropconnect_is_one_mask_for_all_steps_and_a_new_one_per_call(monkeypatch, x, rng):
    masks, draw = [], ONLSTMCell.dropconnect_mask
    monkeypatch.setattr(ONLSTMCell, "dropconnect_mask", lambda cell: masks.append(draw(cell)) or masks[-1])
    cell = ONLSTMCell(UNITS, LEVELS, dropconnect=0.25, seed=0)
    layer = built(ONLSTM(UNITS, LEVELS, dropconnect=0.25, seed=1), rng)
    rnn = keras.layers.RNN(cell)
    rnn.build(SHAPE)
    rnn.set_weights(layer.get_weights())
    weights = layer.get_weights()
    for run in (layer, rnn):
        masks.clear()
        got = [numpy(run(x, training=True)) for _ in range(2)]
        assert len(masks) == 2
        assert (numpy(masks[0]) != numpy(masks[1])).any()
        for output, mask in zip(got, map(numpy, masks)):
            assert set(np.unique(mask).round(5)) == {0, np.float32(1 / 0.75).round(5)}
            plain = ONLSTM(UNITS, LEVELS)
            plain.build(SHAPE)
            plain.set_weights([weights[0], weights[1] * mask, weights[2]])
            np.testing.assert_allclose(output, numpy(plain(x)), atol=1e-5)
    rates = [(numpy(draw(cell)) == 0).mean() for _ in range(20)]
    # 20 masks of 672 entries
    assert abs(np.mean(rates) - 0.25) / np.sqrt(0.25 * 0.75 / 20 / 672) < 4


def test_nothing_is_dropped_when_not_training(x, rng):
    layer = built(ONLSTM(UNITS, LEVELS, dropconnect=0.5, dropout=0.5), rng)
    plain = ONLSTM(UNITS, LEVELS)
    plain.build(SHAPE)
    plain.set_weights(layer.get_weights())
    np.testing.assert_array_equal(numpy(layer(x)), numpy(plain(x)))


def test_dropout_is_one_mask_of_the_features_for_all_steps(rng):
    layer = ONLSTM(UNITS, LEVELS, dropout=0.5, seed=0)
    layer.build(SHAPE)
    seen, project = [], layer.cell.project
    layer.cell.project = lambda x: seen.append(numpy(x)) or project(x)
    for _ in range(2):
        layer(np.ones(SHAPE, "float32"), training=True)
    first, second = seen  # (time, batch, features)
    assert (first == first[:1]).all() and set(np.unique(first)) == {0, 2}
    assert (first != second).any()
