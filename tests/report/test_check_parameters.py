"""The check that a notebook makes of itself, in a real IPython shell of a process of its own."""

import json
import subprocess
import sys

import pytest

from blogkit.report import check_parameters

CELL = """\
epochs: int = 3  # passes, at least 1
rate: float = 0.1  # more than 0
heads: int = 1  # divides epochs"""
SCRIPT = """\
import io, json, sys
from contextlib import redirect_stdout
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
with redirect_stdout(io.StringIO()):
    for source in json.loads(sys.argv[1]):
        result = shell.run_cell(source, store_history=True)
error = result.error_before_exec or result.error_in_exec
print(json.dumps([type(error).__name__, str(error)]))
"""
CALL = "from blogkit.report import check_parameters\ncheck_parameters()"


def after(*cells):
    """Type and message of the error that the last of `cells` raises."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(cells)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("injected", "said"),
    [
        ("# Parameters\nepochs = -1\nheads = 1", "takes int, at least 1, default 3, but this run gives -1."),
        (
            "epochs = 1.5",
            "parameter 'epochs' takes int, at least 1, default 3, but this run gives 1.5, which is float.",
        ),
        (
            "rate = float('nan')",
            "takes float, more than 0, default 0.1, but this run gives nan, which is not finite.",
        ),
        (
            "epochs = 4; heads = 3",
            "takes int, divides epochs, default 1, but this run gives 3 with epochs=4.",
        ),
    ],
)
def test_values_that_papermill_injects_are_compared_with_the_cell(injected, said):
    kind, message = after(CELL, injected, "x = 1", CALL)
    assert kind == "ValueError" and said in message and message.count("\n") == 0


def test_says_all_faults_one_a_line():
    kind, message = after(CELL, "epochs, rate = 0, 0.0", CALL)
    assert kind == "ValueError"
    assert [line.split("'")[1] for line in message.splitlines()] == ["epochs", "rate"]


def test_the_values_of_the_cell_itself_and_whole_numbers_for_floats_pass():
    assert after(CELL, "rate = 2", CALL) == ["NoneType", "None"]


def test_a_user_who_edits_the_cell_and_runs_it_again_gets_the_new_ranges():
    assert after(CELL, CELL.replace("at least 1", "at least 5"), CALL)[1].startswith(
        "parameter 'epochs' takes int, at"
    )
    assert after(CELL.replace("at least 1", "at least 5"), CELL, "heads = 1", CALL) == ["NoneType", "None"]


def test_other_cells_are_not_taken_for_it():
    cells = ("%time 1", "n: int = 0", "n: int = -1  # a count, at least 1\nprint(n)", "")
    assert after(*cells, CALL) == ["NoneType", "None"]


def test_outside_ipython_it_does_nothing():
    assert check_parameters() is None
