"""The benchmark of ordered neurons: its sides, its numbers and its words; never how long anything takes."""

import json

import keras
import numpy as np
import pytest

BACKEND = keras.backend.backend()
SIDES = ["keras.layers.LSTM", "ONLSTM", "ONLSTMCell in RNN"]


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")


def test_every_side_is_printed_and_written(capsys, tmp_path):
    import on_lstm

    path = tmp_path / "result.json"
    on_lstm.main(f"--size 2,3,5,4,2 --rounds 2 --json {path}".split())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{BACKEND}, batch 2, time 3, features 5, units 4, levels 2, 2 rounds, load")
    sides = SIDES + ([f"{name}, XLA" for name in SIDES] if BACKEND == "tensorflow" else [])
    assert [line[:26].strip() for line in lines[2:]] == sides
    (result,) = json.loads(path.read_text())
    assert [row["side"] for row in result["sides"]] == sides
    assert all(len(row["seconds"]) == 2 for row in result["sides"])
    assert result["sides"][0]["ratio"] == "1.00 (1.00 to 1.00)"


def test_a_round_has_the_gradients_of_weights_and_input():
    import on_lstm

    layer = keras.layers.LSTM(4, return_sequences=True)
    layer.build((2, 3, 5))
    x = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    found = on_lstm.STEPS[BACKEND](layer, keras.ops.convert_to_tensor(x), False)()
    shapes = sorted(tuple(t.shape) for t in keras.tree.flatten(found))
    assert shapes == sorted([(), (2, 3, 5), *(tuple(v.shape) for v in layer.trainable_variables)])


@pytest.mark.parametrize("word", ["huge", "1,2,3"])
def test_an_unknown_size_is_refused(word, capsys):
    import on_lstm

    with pytest.raises(SystemExit):
        on_lstm.parse(["--size", word])
    assert "--size" in capsys.readouterr().err
