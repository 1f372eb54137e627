"""The oracle table, reproduced by the command that README's layout names."""

import re

import pytest


@pytest.fixture(scope="module")
def script(pytestconfig):
    import sys

    folder = str(pytestconfig.rootpath / "benchmarks")
    sys.path.insert(0, folder)  # the scripts import each other from their folder
    import gan_oracles

    yield gan_oracles
    sys.path.remove(folder)


def test_every_column_is_within_its_tolerance(script, capsys):
    assert script.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "0 columns above their tolerance"
    rows = {
        match[1].strip(): int(match[2])
        for match in (re.match(r"(.{44})\s*(\d+)", line) for line in lines)
        if match
    }
    # All eight divergences three times; all rows of the table, clipping without a flow.
    assert rows["2 definition = dual at T*"] == rows["2 definition = closed form"] == 24
    assert rows["2 conjugate = supremum"] == 8
    assert rows["3 verdict, flow"] == 20 + 7
    assert rows["3 verdict, simultaneous"] == rows["3 verdict, alternating"] == 21
    assert rows["3 eigenvalues"] + rows["3 eigenvalues, double root"] == 17


def test_an_error_is_seen(script, capsys, monkeypatch):
    def checks():
        yield "good", "a", 0.5, 1.0
        yield "bad", "b", 0.0, 1.0
        yield "bad", "c", 2.0, 1.0
        yield "none", "d", float("nan"), 1.0

    monkeypatch.setitem(script.STAGES, 2, checks)
    assert script.main(["--stage", "2", "--rows"]) == 2
    shown = capsys.readouterr().out
    assert re.search(r"2 bad +2 +2\.0e\+00 +1\.0e\+00 +2  c", shown)
    assert shown.endswith("2 columns above their tolerance\n")
