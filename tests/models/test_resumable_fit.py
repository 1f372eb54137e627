"""resumable_fit: interrupted trainings end with the weights and history of uninterrupted ones."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.models import ShuffledBatches, resumable_fit, training_settings
from blogkit.models.training_settings import data_hash
from blogkit.optimizers import AccumOptimizer

EPOCHS = 4


def examples():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(22, 5)).astype("float32")
    return x, (x[:, :2] * x[:, 1:3]).astype("float32")


def batches(**options):
    return ShuffledBatches(examples(), batch_size=4, seed=3, **options)


def network(optimizer):
    """A model that Keras would not resume: its dropout has states that weight files lack."""
    keras.utils.set_random_seed(0)
    layers = [keras.Input((5,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.3)]
    model = keras.Sequential([*layers, keras.layers.LayerNormalization(), keras.layers.Dense(2)])
    model.compile(optimizer(), loss="mse", metrics=["mae"])
    return model


def accumulated():
    """All that an optimizer keeps. Epochs of six batches end within a window of five.

    (Sums of a closed window are dead values, which differ between backends and files.)
    """
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 5)
    return AccumOptimizer(keras.optimizers.Adam(schedule, use_ema=True, ema_momentum=0.9), 5)


class Stop(keras.callbacks.Callback):
    """Ends the process, as far as a test can, in the middle of epoch `epoch`."""

    def __init__(self, epoch):
        super().__init__()
        self.when, self.epoch = epoch, None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == self.when and batch == 2:
            raise KeyboardInterrupt


class Losses(keras.callbacks.Callback):
    """Remembers something of every batch, as notebook 08 does."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(float(logs["loss"]))

    def get_state(self):
        return self.seen

    def set_state(self, state):
        self.seen = state


def arrays(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [ops.convert_to_numpy(variable) for variable in variables]


def assert_equal(model, other):
    for ours, theirs in zip(arrays(model), arrays(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def fitted(folder, *callbacks, optimizer=accumulated, **options):
    """The model, its history, and what a callback with a state has seen."""
    model, losses = network(optimizer), Losses()
    options = {"epochs": EPOCHS, "verbose": 0, **options}
    history = resumable_fit(model, batches(), folder=folder, callbacks=[losses, *callbacks], **options)
    return model, history, losses.seen


def test_continues_to_the_same_weights_and_history_and_repeats_nothing(tmp_path):
    model, history, seen = fitted(None, validation_data=examples())
    for epoch in (0, 2):
        with pytest.raises(KeyboardInterrupt):
            fitted(tmp_path, Stop(epoch), validation_data=examples())
    resumed = fitted(tmp_path, validation_data=examples())
    (tmp_path / "training").rename(tmp_path / "again")  # one process may finish a name only once
    restored = fitted(tmp_path, Stop(0), name="again", validation_data=examples())  # trains nothing
    for other, found, found_seen in (resumed, restored):
        assert_equal(model, other)
        assert found == history and len(found["val_mae"]) == EPOCHS
        assert found_seen == seen and len(found_seen) == 6 * EPOCHS
    with pytest.raises(ValueError, match="`name` must be unique in `folder`. Received: name='again'"):
        fitted(tmp_path, name="again")


def test_a_training_that_a_callback_has_stopped_stays_so(tmp_path):
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    _, history, _ = fitted(tmp_path, Enough(), name="one", optimizer=keras.optimizers.SGD)
    (tmp_path / "one").rename(tmp_path / "two")
    _, found, seen = fitted(tmp_path, Enough(), name="two", optimizer=keras.optimizers.SGD)
    assert found == history and len(history["loss"]) == 2 and len(seen) == 12


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(x=examples()[0], y=examples()[1]), "shuffle=True. Use `blogkit.models.ShuffledBatches`"),
        (dict(x=iter([examples()]), shuffle=False), "Received: x=list_iterator"),
        (dict(shuffle=True), "Keras' own shuffling does not resume"),
        (dict(callbacks=[keras.callbacks.EarlyStopping()]), "must not forget .* Received: EarlyStopping"),
        (dict(initial_epoch=1), "`initial_epoch` must not be given"),
        (dict(steps_per_epoch=2), "`steps_per_epoch` must not be given"),
        (dict(name="../up"), "`name` must be the name of a subfolder. Received: name='../up'"),
    ],
)
def test_says_what_cannot_be_resumed(tmp_path, options, message):
    options = {"x": batches(), "folder": tmp_path, **options}
    with pytest.raises(ValueError, match=message):
        resumable_fit(network(keras.optimizers.SGD), **options)
    assert not list(tmp_path.iterdir())


def test_needs_a_model_that_is_built():
    model = keras.Sequential([keras.layers.Dense(2)])
    model.compile("sgd", loss="mse")
    with pytest.raises(ValueError, match="`model` must be built"):
        resumable_fit(model, batches())


def test_refuses_the_folder_of_a_training_with_other_settings(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fitted(tmp_path, Stop(0), optimizer=keras.optimizers.SGD, settings={"rate": 0.1})
    with pytest.raises(ValueError, match="Received: epochs=5, and epochs=4 in the folder. .*training"):
        fitted(tmp_path, optimizer=keras.optimizers.SGD, settings={"rate": 0.1}, epochs=5)
    with pytest.raises(ValueError, match="Received: rate=0.2, and rate=0.1 in the folder"):
        fitted(tmp_path, optimizer=keras.optimizers.SGD, settings={"rate": 0.2})


def begun(
    folder, optimizer=keras.optimizers.SGD, loss="mse", seed=0, units=8, rows=None, order=3, validation=None
):
    """A training that ends itself in its first epoch; nothing but its arguments differs between two calls."""
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((5,)), keras.layers.Dense(units, "relu"), keras.layers.Dropout(0.3)]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    model.compile(optimizer(), loss=loss)
    data = ShuffledBatches(rows or examples(), batch_size=4, seed=order)
    with pytest.raises(KeyboardInterrupt):
        resumable_fit(
            model, data, folder=folder, epochs=2, verbose=0, callbacks=[Stop(0)], validation_data=validation
        )


def other_rows():
    x, y = examples()
    x[3, 2] = np.nextafter(x[3, 2], 9)  # one bit
    return x, y


@pytest.mark.parametrize(
    "change, said",
    [
        (
            dict(optimizer=lambda: keras.optimizers.SGD(0.02)),
            "optimizer.learning_rate=0.0199.*, and optimizer.learning_rate=0.0099.*",
        ),
        (dict(optimizer=keras.optimizers.Adam), "optimizer='Adam', and optimizer='SGD'"),
        (dict(optimizer=accumulated), "optimizer='AccumOptimizer', and optimizer='SGD'"),
        (dict(loss="mae"), "loss='mae', and loss='mse'"),
        (dict(loss=keras.losses.Huber()), "loss='Huber', and loss='mse'"),
        (dict(seed=1), "random_seed=1, and random_seed=0"),
        (dict(units=9), r"model.layers.1.units=9, and model.layers.1.units=8"),
        (dict(rows=other_rows()), "data='[0-9a-f]{64}', and data='[0-9a-f]{64}'"),
        (dict(order=4), "seed=4, and seed=3"),
        (dict(validation=examples()), "validation_data='[0-9a-f]{64}', and validation_data=None"),
    ],
)
def test_notices_by_itself_that_a_folder_holds_another_training(tmp_path, change, said):
    begun(tmp_path)
    begun(tmp_path)  # names that Keras counts up are no difference
    with pytest.raises(ValueError, match=f"Received: {said} in the folder"):
        begun(tmp_path, **change)
    begun(tmp_path)


def test_arrays_and_data_sets_of_others_are_recognized_by_their_content(rng):
    x = rng.normal(size=(7, 3))
    assert data_hash(x) == data_hash(x.copy()) == data_hash(np.asfortranarray(x))
    different = [x, x[:6], x.reshape(3, 7), x.astype("float32"), (x, x), {"a": x}, {"b": x}, [], 0]
    assert len({data_hash(one) for one in different}) == len(different)
    assert data_hash(None) is data_hash((None, None)) is None

    class Batches(keras.utils.PyDataset):
        def __init__(self, rows):
            super().__init__()
            self.rows = rows

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, number):
            return self.rows[number], self.rows[number]

    assert data_hash(Batches(x)) == data_hash(Batches(x.copy())) != data_hash(Batches(x[:6]))


def test_a_memory_mapped_array_is_hashed_in_parts(tmp_path, rng, monkeypatch):
    x = rng.integers(256, size=(50, 3, 4)).astype("uint8")
    np.save(tmp_path / "x.npy", x)
    whole = data_hash(x)
    monkeypatch.setattr(training_settings, "ROWS", 100)
    assert data_hash(np.load(tmp_path / "x.npy", mmap_mode="r")) == whole
