"""Saving in the middle of a window, configs, and what bad input is told."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import optimizers as ko

from blogkit.optimizers import AccumOptimizer

JIT = keras.backend.backend() == "jax"


def make_model(optimizer):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "tanh")])
    generator = np.random.default_rng(1)
    model.set_weights([generator.normal(size=w.shape) for w in model.weights])
    model.compile(optimizer, "mse", jit_compile=JIT)
    return model


@pytest.fixture
def data(rng):
    return rng.normal(size=(24, 3)).astype("float32"), rng.normal(size=(24, 2)).astype("float32")


def fit(model, data, first, last):
    x, y = data
    model.fit(x[first:last], y[first:last], batch_size=2, shuffle=False, verbose=0)
    return np.concatenate([w.ravel() for w in model.get_weights()])


@pytest.mark.parametrize(
    "make",
    [
        lambda: ko.Adam(ko.schedules.ExponentialDecay(0.1, 1, 0.5)),
        lambda: ko.Nadam(0.1),
        lambda: ko.LossScaleOptimizer(ko.SGD(0.1, momentum=0.9), dynamic_growth_steps=1),
    ],
    ids=["adam", "nadam", "loss_scale"],
)
def test_training_goes_on_exactly_after_a_save_in_mid_window(make, data, tmp_path):
    whole = make_model(AccumOptimizer(make(), 4))
    fit(whole, data, 0, 12)
    expected = fit(whole, data, 12, 24)

    model = make_model(AccumOptimizer(make(), 4))
    fit(model, data, 0, 12)  # six micro-batches: one update and half a window
    model.save(tmp_path / "half.keras")
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    assert loaded.optimizer.steps_per_update == 4
    assert int(loaded.optimizer.iterations) == 1
    np.testing.assert_array_equal(fit(loaded, data, 12, 24), expected)
    assert int(loaded.optimizer.iterations) == 3


def test_weights_file_of_another_window_length_is_refused(data, tmp_path):
    model = make_model(AccumOptimizer("adam", 4))
    fit(model, data, 0, 12)
    model.save_weights(tmp_path / "four.weights.h5")
    other = make_model(AccumOptimizer("adam", 2))
    other.optimizer.build(other.trainable_variables)
    with pytest.raises(ValueError, match="steps_per_update=4, this optimizer has steps_per_upd"):
        other.load_weights(tmp_path / "four.weights.h5")


def test_a_window_open_at_the_end_of_an_epoch_goes_on_in_the_next(data):
    # 6 micro-batches an epoch, windows of 4: two epochs are 3 windows.
    optimizer = AccumOptimizer("sgd", 4)
    model = make_model(optimizer)
    fit(model, data, 0, 12)
    assert int(optimizer.iterations) == 1
    fit(model, data, 0, 12)
    assert int(optimizer.iterations) == 3


@pytest.mark.parametrize(
    "inner",
    [
        lambda: ko.AdamW(0.1, weight_decay=0.2, beta_1=0.8, clipnorm=1.0, name="mine"),
        lambda: ko.SGD(ko.schedules.CosineDecay(0.5, 7, alpha=0.1), momentum=0.3),
        lambda: ko.LossScaleOptimizer(ko.Lion(0.1), initial_scale=4.0),
    ],
    ids=["adamw", "schedule", "loss_scale"],
)
def test_config_round_trip(inner):
    optimizer = AccumOptimizer(inner(), 3, name="outer")
    config = optimizer.get_config()
    again = AccumOptimizer.from_config(config)
    assert (again.name, again.steps_per_update) == ("outer", 3)
    assert type(again.inner_optimizer) is type(optimizer.inner_optimizer)
    assert again.inner_optimizer.get_config() == optimizer.inner_optimizer.get_config()
    assert config == optimizer.get_config()  # reading a config does not use it up
    # The registered name finds the class without `custom_objects`.
    serialized = ko.serialize(optimizer)
    assert serialized["registered_name"] == "blogkit>AccumOptimizer"
    assert ko.get(serialized).get_config() == config


def test_inner_optimizer_by_name_and_by_config():
    assert type(AccumOptimizer("nadam", 2).inner_optimizer).__name__ == "Nadam"
    config = {"class_name": "Adam", "config": {"learning_rate": 0.25}}
    optimizer = AccumOptimizer(config, 2)
    assert float(optimizer.learning_rate) == 0.25
    assert config["class_name"] == "Adam"  # the caller's dict is left alone


def test_settings_reach_the_inner_optimizer():
    inner = ko.AdamW(0.5, loss_scale_factor=4.0)
    optimizer = AccumOptimizer(inner, 2)
    optimizer.learning_rate = 0.25
    assert float(inner.learning_rate) == float(optimizer.learning_rate) == 0.25
    assert float(optimizer.scale_loss(keras.ops.ones(()))) == 4.0
    ko.LossScaleOptimizer(optimizer)  # replaces the fixed scale, as for a plain optimizer
    assert inner.loss_scale_factor is None
    variables = [keras.Variable(np.ones(2), dtype="float32", name=name) for name in "ab"]
    optimizer.exclude_from_weight_decay(var_names=["b"])
    optimizer.learning_rate = 1.0
    inner.weight_decay = 0.5
    for _ in range(2):
        optimizer.apply([keras.ops.zeros(2), keras.ops.zeros(2)], variables)
    assert [keras.ops.convert_to_numpy(v)[0] for v in variables] == [0.5, 1.0]


@pytest.mark.parametrize("steps", [0, -1])
def test_refuses_a_count_below_one(steps):
    with pytest.raises(ValueError, match=f"steps_per_update={steps}. Give the number"):
        AccumOptimizer("adam", steps)


@pytest.mark.parametrize("steps", [2.5, 2.0, True, None, "4"])
def test_refuses_a_count_that_is_no_integer(steps):
    with pytest.raises(TypeError, match=f"steps_per_update={steps!r}. Give the number"):
        AccumOptimizer("adam", steps)


def test_numpy_integers_count():
    assert AccumOptimizer("adam", np.int64(4)).get_config()["steps_per_update"] == 4


@pytest.mark.parametrize("optimizer", [None, 1e-3, ko.Adam])
def test_refuses_what_is_no_optimizer(optimizer):
    with pytest.raises(TypeError, match="Received: optimizer=.* Pass an instance such as"):
        AccumOptimizer(optimizer, 4)


@pytest.mark.parametrize("optimizer", ["adamm", {"class_name": "Adamm", "config": {}}, {}])
def test_refuses_unknown_names(optimizer):
    with pytest.raises(ValueError, match="optimizer that Keras knows. Received: .* Pass an instance"):
        AccumOptimizer(optimizer, 4)


def test_refuses_to_accumulate_twice():
    own = AccumOptimizer("adam", 3)
    for inner in (own, ko.LossScaleOptimizer(own)):
        with pytest.raises(ValueError, match="steps_per_update=3: multiply the two numbers"):
            AccumOptimizer(inner, 2)
    keras_own = ko.Adam(gradient_accumulation_steps=5)
    for inner in (keras_own, ko.MultiOptimizer(ko.OptimizerMap(keras_own))):
        with pytest.raises(ValueError, match="gradient_accumulation_steps=5. Remove it"):
            AccumOptimizer(inner, 2)


def test_refuses_gradients_before_build_or_of_another_number():
    optimizer = AccumOptimizer("sgd", 2)
    with pytest.raises(ValueError, match="before .* built. Received: 1 gradients .* Call `optimizer.build"):
        optimizer.apply([keras.ops.ones(2)])
    if keras.backend.backend() != "tensorflow":  # which has no `stateless_apply`
        with pytest.raises(ValueError, match="must be built"):
            optimizer.stateless_apply([], [keras.ops.ones(2)], [])
    optimizer.build([keras.Variable(np.ones(2))])
    with pytest.raises(ValueError, match="2 gradients for 1 variables"):
        optimizer.apply([keras.ops.ones(2)] * 2)


def test_import_brings_in_no_other_backend_and_no_plots():
    backend = keras.backend.backend()
    foreign = {"tensorflow", "jax", "torch", "matplotlib"} - {backend}
    code = (
        "import sys, keras; before = set(sys.modules); import blogkit.optimizers; "
        f"print({foreign} & (set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "set()"
