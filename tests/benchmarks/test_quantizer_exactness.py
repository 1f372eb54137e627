"""Codes are those of float64 on every kind of data that the benchmark has."""

import numpy as np
import pytest


@pytest.fixture
def exactness(root, monkeypatch):
    monkeypatch.syspath_prepend(root / "benchmarks")
    import quantizer_exactness

    return quantizer_exactness


def test_no_code_is_wrong(exactness, monkeypatch, capsys):
    other_shapes = ("2 codes", "length 1024", "clusters 1e6 / 1, length 4")  # each compiles anew
    monkeypatch.setattr(exactness, "DATA", {k: v for k, v in exactness.DATA.items() if k not in other_shapes})
    assert exactness.main(["--rows", "600", "--codes", "128"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert "600 vectors, 128 codes" in header
    rows = {line[:28].strip(): line[28:].split() for line in lines[2:]}
    assert rows.keys() == exactness.DATA.keys()
    for name, (*wrong, ties, excess) in rows.items():
        assert set(wrong) <= {"0", "-"}, (name, wrong)
        assert wrong[0] == wrong[3] == "0" and float(excess) == 0
        assert (int(ties) == 600) == ("copies" in name)


def test_wrong_codes_are_counted(exactness, monkeypatch, capsys):
    monkeypatch.setattr(exactness.VectorQuantizer, "encode", lambda self, x: np.zeros(len(x), "int32"))
    assert exactness.main(["--rows", "50", "--codes", "4", "--only", "random"]) == 1
    _, *wrong, ties, excess = capsys.readouterr().out.splitlines()[-1].split()
    assert all(30 <= int(number) <= 45 for number in wrong)  # about three of four
    assert ties == "0" and float(excess) > 0.1
