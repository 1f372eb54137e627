import subprocess
import sys

import numpy as np
import pytest

from blogkit.report import memory, peak_growth
from blogkit.report.memory import peak_device_memory

MIB = 2**20
SLACK = 3 * MIB  # pages that other threads or the interpreter touch meanwhile


def test_nothing_is_imported_to_count():
    code = (
        "import sys\nfrom blogkit.report import peak_growth\nran = []\n"
        "peak_growth(lambda: ran.append(1))\nprint(ran, 'keras' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == "[1] False\n", answer.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux counts a process's pages")
def test_what_a_run_holds_at_its_peak_is_counted():
    kept = [np.ones(64 * MIB, "uint8")]  # there before: does not count

    def run(mib):
        first = np.ones(mib * MIB, "uint8")
        del first  # given back before the second is made
        kept.append(np.ones(mib * MIB, "uint8"))

    for mib in (40, 200, 80):  # a smaller run after a larger one is measured too
        growth = peak_growth(lambda: run(mib))
        assert mib * MIB - SLACK <= growth <= mib * MIB + SLACK
        del kept[1:]
    assert peak_growth(lambda: None) <= SLACK


def test_without_a_counter_the_run_happens_and_the_answer_is_none(monkeypatch):
    monkeypatch.setattr(memory, "_device_counter", lambda: None)
    monkeypatch.setattr(memory, "_process_counter", lambda: None)
    ran = []
    assert peak_growth(lambda: ran.append(1)) is None
    assert ran == [1]
    assert peak_device_memory() is None


def test_where_the_peak_is_never_reset_only_a_higher_one_counts(monkeypatch):
    held = [100, 100]  # bytes now, and at the peak

    def hold(extra):
        held[1] = max(held[1], held[0] + extra)

    counter = (None, lambda: held[0], lambda: held[1])
    monkeypatch.setattr(memory, "_device_counter", lambda: counter)
    assert peak_growth(lambda: hold(0)) == 0
    assert peak_growth(lambda: hold(30)) == 30
    assert peak_growth(lambda: hold(20)) is None  # below the peak of the run before: not seen
    assert peak_growth(lambda: hold(40)) == 40
