"""Backups: complete or absent, two at a time, of one training and one process."""

import keras
import numpy as np
import pytest
from keras import ops

from blogkit.models import training_backups
from blogkit.models.training_backups import PROGRESS, WEIGHTS, TrainingBackups


@pytest.fixture
def model():
    """A model that is never trained; its weights say which backup they come from."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.1)])
    model.compile("sgd", loss="mse")
    return model


@pytest.fixture
def backups(tmp_path, model):
    """Two backups, of the epochs 4 and 5."""
    backups = TrainingBackups(tmp_path / "a training")
    with backups.locked():
        for epoch in (3, 4, 5):
            mark(model, epoch)
            backups.save(model, epoch, {"history": {"loss": [0.5] * epoch}})
    mark(model, 0)
    return backups


def mark(model, value):
    model.set_weights([np.full(w.shape, value, "float32") for w in model.get_weights()])


def epoch_of(model):
    return float(ops.convert_to_numpy(model.weights[0]).mean())


def truncate(path, size):
    path.write_bytes(path.read_bytes()[:size])


def test_keeps_two_and_loads_the_newest(backups, model):
    assert [path.name for path in backups._all()] == ["epoch-000005", "epoch-000004"]
    progress = backups.load(model)
    assert progress["epoch"] == 5 == epoch_of(model) == len(progress["history"]["loss"])


def test_nothing_to_load_is_a_start(tmp_path, model):
    backups = TrainingBackups(tmp_path)
    with backups.locked():
        (tmp_path / ".new-killed").mkdir()
        (tmp_path / ".new-killed" / WEIGHTS).write_bytes(b"half")
        assert backups.load(model) is None
    with backups.locked():
        assert not (tmp_path / ".new-killed").exists()


@pytest.mark.parametrize("file, size", [(WEIGHTS, 3000), (WEIGHTS, 0), (PROGRESS, 200), (PROGRESS, 0)])
def test_a_truncated_newest_backup_gives_way_to_the_older_one(backups, model, file, size):
    truncate(backups.folder / "epoch-000005" / file, size)
    assert backups.load(model)["epoch"] == 4 == epoch_of(model)
    backups.save(model, 5, {})  # to where the damaged one was
    assert backups.load(model)["epoch"] == 5


def test_a_changed_byte_counts_as_damage(backups, model):
    path = backups.folder / "epoch-000005" / WEIGHTS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert backups.load(model)["epoch"] == 4


def test_says_which_folder_to_delete_if_all_are_damaged(backups, model):
    for number in (4, 5):
        truncate(backups.folder / f"epoch-00000{number}" / WEIGHTS, 1000)
    with pytest.raises(ValueError, match="a training', in which epoch-000005 and epoch-000004 cannot be"):
        backups.load(model)
    assert len(backups._all()) == 2


def test_a_save_that_fails_leaves_the_earlier_ones(backups, model, monkeypatch):
    def full(self, path):
        path.write_bytes(b"some of it")
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keras.Sequential, "save_weights", full)
        with pytest.raises(OSError, match="no space left"):
            backups.save(model, 6, {})
    assert sorted(path.name for path in backups.folder.iterdir())[:2] == ["epoch-000004", "epoch-000005"]
    assert not list(backups.folder.glob(".new*"))


def test_restores_the_seeds_of_dropout(backups, model):
    state = model.layers[-1].seed_generator.state
    before = ops.convert_to_numpy(state)
    state.assign(before + 7)
    backups.load(model)
    np.testing.assert_array_equal(ops.convert_to_numpy(state), before)


def test_belongs_to_one_process_at_a_time(backups, monkeypatch):
    pytest.importorskip("fcntl")
    monkeypatch.setattr(training_backups, "SECONDS_TO_WAIT", 0.3)
    with (
        backups.locked(),
        pytest.raises(ValueError, match="a training', which another process is using"),
        TrainingBackups(backups.folder).locked(),
    ):
        pass
    with backups.locked():
        pass


def test_refuses_other_settings_and_keeps_the_first(tmp_path):
    backups, first = TrainingBackups(tmp_path), {"seed": 0, "units": [3, 4]}
    backups.check_settings(first)
    backups.check_settings(dict(reversed(first.items())))
    with pytest.raises(ValueError, match=r"Received: units=\[3\], and units=\[3, 4\] in the folder"):
        backups.check_settings({"seed": 0, "units": [3]})
    with pytest.raises(ValueError, match="Received: rate=0.1, and rate=None in the folder"):
        backups.check_settings({**first, "rate": 0.1})
    backups.check_settings(first)


@pytest.mark.parametrize("damage", [lambda path: truncate(path, 5), lambda path: path.unlink()])
def test_says_which_folder_to_delete_if_the_settings_are_damaged_or_gone(tmp_path, model, damage):
    backups = TrainingBackups(tmp_path / "a training")
    with backups.locked():
        backups.check_settings({"seed": 0})
        backups.save(model, 1, {})
    damage(backups.folder / "settings.json")
    with pytest.raises(ValueError, match="a training', in which it cannot be read. Delete the folder to"):
        backups.check_settings({"seed": 0})


@pytest.mark.parametrize("file", [WEIGHTS, PROGRESS, "SHA256SUMS"])
def test_any_flipped_bit_counts_as_damage(backups, model, file, rng):
    path = backups.folder / "epoch-000005" / file
    content = path.read_bytes()
    for place in rng.integers(len(content), size=20):
        changed = bytearray(content)
        changed[place] ^= 1 << rng.integers(8)
        path.write_bytes(changed)
        assert training_backups._read(path.parent) is None
    assert backups.load(model)["epoch"] == 4 == epoch_of(model)
    assert not path.exists()
