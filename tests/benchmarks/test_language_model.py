"""Benchmark of the language model: sides, arithmetic and texts, but no durations."""

import json

import keras
import pytest


@pytest.fixture(autouse=True)
def folder(root, monkeypatch):
    """The scripts import each other from their folder."""
    monkeypatch.syspath_prepend(root / "benchmarks")


def test_prints_speeds_and_what_follows_from_them(capsys, tmp_path):
    import language_model

    path = tmp_path / "result.json"
    language_model.main(f"--size 7,6,4,2,3,5 --rounds 2 --json {path}".split())
    first, _, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith(
        f"{keras.backend.backend()}, words 7, units (6, 4), chunk 2, batch 3, window 5, 2 rounds"
    )
    result = json.loads(path.read_text())
    assert [row["side"] for row in result["sides"]] == ["keras.layers.LSTM", "ONLSTM"]
    for line, row in zip(rows, result["sides"], strict=True):
        speed = 15 / (sum(row["seconds"]) / 2)
        assert row["words_per_second"] == pytest.approx(speed)
        assert row["minutes_a_pass"] == pytest.approx(929_589 / speed / 60)
        assert row["days"] == pytest.approx(1000 * row["minutes_a_pass"] / 60 / 24)
        assert line.startswith(row["side"])


@pytest.mark.parametrize("word", ["small", "7,2,3,5", ""])
def test_another_size_is_refused(word, capsys):
    import language_model

    with pytest.raises(SystemExit):
        language_model.parse(["--size", word])
    assert "at least five numbers between commas" in capsys.readouterr().err
