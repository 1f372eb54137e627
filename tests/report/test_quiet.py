import os
import subprocess
import sys

import pytest

from blogkit.report import quiet_start

# `capfd` stands between file descriptor 2 and the terminal, as a kernel does.


def test_native_messages_are_kept_back_until_a_failure(capfd):
    with quiet_start():
        os.write(2, b"from C++\n")
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "later\n"
    with pytest.raises(ZeroDivisionError), quiet_start():
        os.write(2, b"from C++, before the failure\n")
        raise ZeroDivisionError
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "from C++, before the failure\nlater\n"


def test_a_log_level_that_was_chosen_stays(monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    with quiet_start():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    with quiet_start():
        assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_no_descriptor_is_left_open(tmp_path):
    def opened():
        probe = os.open(tmp_path, os.O_RDONLY)
        os.close(probe)
        return probe  # the lowest one that is free

    before = opened()
    for _ in range(3):
        with quiet_start():
            pass
    assert opened() == before


def test_python_writes_to_stderr_before_within_and_after():
    code = (
        "import os, sys, warnings\nfrom blogkit.report import quiet_start\n"
        "sys.stderr.write('before ')\n"
        "with quiet_start():\n    os.write(2, b'NATIVE')\n    print('within', file=sys.stderr)\n"
        "print('after', file=sys.stderr)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stderr == "before within\nafter\n"


def test_a_logger_made_within_still_speaks_afterwards():
    code = (
        "import logging\nfrom blogkit.report import quiet_start\n"
        "with quiet_start():\n    logging.basicConfig(format='%(message)s')\n"
        "logging.warning('heard')\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stderr == "heard\n"
