"""AveragedSGD against the mean written out in NumPy, and its rule inside `fit`."""

import keras
import numpy as np
import pytest

from blogkit.optimizers import AveragedSGD, AveragedValidation


def line(optimizer):
    """One weight, whose loss is (w - y)^2."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
    )
    model.compile(optimizer, "mse")
    return model


def test_the_average_is_the_mean_of_the_weights_since_it_began():
    optimizer, rng = AveragedSGD(0.5, weight_decay=0.1, global_clipnorm=1.0), np.random.default_rng(0)
    plain = keras.optimizers.SGD(0.5, weight_decay=0.1, global_clipnorm=1.0)
    ours, theirs = keras.Variable(np.ones(3, "float32")), keras.Variable(np.ones(3, "float32"))
    seen = []
    for step in range(8):
        if step == 3:
            optimizer.start_averaging()
        if step == 5:
            optimizer.start_averaging()  # the second call does nothing
        gradient = keras.ops.convert_to_tensor(rng.normal(size=3).astype("float32"))
        optimizer.apply([gradient], [ours])
        plain.apply([gradient], [theirs])
        seen.append(np.array(keras.ops.convert_to_numpy(ours)))
    np.testing.assert_array_equal(seen[-1], keras.ops.convert_to_numpy(theirs))
    with optimizer.averaged():
        np.testing.assert_allclose(keras.ops.convert_to_numpy(ours), np.mean(seen[3:], axis=0), rtol=1e-6)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(ours), seen[-1])


def test_without_a_start_there_is_nothing_to_swap():
    optimizer, weight = AveragedSGD(1.0), keras.Variable([0.0])
    with optimizer.averaged():
        assert not optimizer.averaging
    optimizer.apply([keras.ops.ones(1)], [weight])
    with optimizer.averaged():
        assert keras.ops.convert_to_numpy(weight) == [-1]


@pytest.mark.parametrize(
    "losses, begins",
    [
        ([5, 4, 3, 2, 1, 0.5], None),
        ([5, 4, 3, 4.5, 4.2, 3.5], 4),
        ([5, 4, 3, 3.5, 3.4, 3.3], 5),
        ([1, 2, 2, 2], 3),
    ],
)
def test_averaging_begins_above_the_least_of_the_older_losses(losses, begins):
    optimizer = AveragedSGD(1.0, patience=2)
    optimizer.build([keras.Variable([0.0])])
    started = []
    for loss in losses:
        optimizer.observe(loss)
        started.append(optimizer.averaging)
    # By the paper's rule, written out: loss above the minimum of all but the last two before it.
    by_rule = [any(losses[k] > min(losses[: k - 2]) for k in range(3, n + 1)) for n in range(len(losses))]
    assert started == by_rule
    assert (started.index(True) if any(started) else None) == begins


def test_fit_validates_the_averages_and_ends_with_them():
    x, y = np.ones((8, 1), "float32"), np.array([[0.0], [2.0]] * 4, "float32")
    model = line(AveragedSGD(0.5, patience=1))  # rate 0.5 jumps to each y: the weights alternate
    history = model.fit(
        x,
        y,
        batch_size=1,
        epochs=6,
        shuffle=False,
        validation_data=(x[:1], np.ones((1, 1))),
        callbacks=[AveragedValidation()],
        verbose=0,
    ).history["val_loss"]
    assert history[0] == 1  # the weight is 2 after each epoch, the target of validation 1
    assert model.optimizer.averaging is False and history == [1.0] * 6  # never above: never averaged
    model.optimizer.start_averaging()
    history = model.fit(
        x,
        y,
        batch_size=1,
        epochs=2,
        shuffle=False,
        validation_data=(x[:1], np.ones((1, 1))),
        callbacks=[AveragedValidation()],
        verbose=0,
    ).history["val_loss"]
    np.testing.assert_allclose(history, 0, atol=1e-10)  # the mean of 0 and 2
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model.weights[0]), 1, rtol=1e-6)


def test_saved_and_loaded_it_goes_on(tmp_path):
    x, y = np.ones((8, 1), "float32"), np.arange(8, dtype="float32")[:, None]
    models = [line(AveragedSGD(0.1, patience=1)) for _ in range(2)]
    for model in models:
        model.fit(x, y, batch_size=2, shuffle=False, verbose=0)
        model.optimizer.observe(1.0)
        model.optimizer.start_averaging()
    path = tmp_path / "model.keras"
    models[0].save(path)
    models[0] = keras.models.load_model(path)
    assert models[0].optimizer.patience == 1
    for model in models:
        model.fit(x, y, batch_size=2, shuffle=False, verbose=0)
    for a, b in zip(models[0].optimizer.variables, models[1].optimizer.variables):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))


@pytest.mark.parametrize(
    "wrong",
    [
        {"patience": 0},
        {"patience": 1.5},
        {"patience": True},
        {"use_ema": True},
        {"gradient_accumulation_steps": 2},
    ],
)
def test_refuses_what_it_cannot_do(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        AveragedSGD(**wrong)


def test_the_callback_names_what_is_missing():
    x = np.ones((2, 1), "float32")
    with pytest.raises(ValueError, match="compiled with AveragedSGD. Received: SGD"):
        line("sgd").fit(x, x, callbacks=[AveragedValidation()], verbose=0)
    with pytest.raises(ValueError, match="monitor='val_loss', logs with"):
        line(AveragedSGD(0.1)).fit(x, x, callbacks=[AveragedValidation()], verbose=0)
