"""What a notebook keeps of what its cells put out."""

import time

import nbformat
import pytest

from blogkit.runner import notebook_client as module
from blogkit.runner.execute import execute
from blogkit.runner.job import Job


@pytest.fixture
def outputs(clone):
    """Function that runs cells and returns the outputs of each; the notebook need not succeed."""

    def run(*sources, status="ran"):
        job = Job(clone.add("01_one", *sources), clone.root / "out", {}, "jax", "hash")
        outcome = execute(job)
        assert outcome.status == status, outcome.error
        cells = nbformat.read(job.executed if status == "ran" else job.failed, as_version=4).cells
        return [next(cell.outputs for cell in cells if cell.source == source) for source in sources]

    return run


def test_streams_are_joined_as_a_terminal_shows_them_and_errors_come_second(outputs):
    progress = """
import sys
for step in range(3):
    print(f"\\r{step + 1}/3", end="", flush=True)
    print("warning", step, file=sys.stderr, flush=True)
display("between")
print("\\nlong\\b\\b\\b\\bLO")"""
    long = "print('x' * 200_000)\nprint('y' * 2_000_000)"
    first, second, third = outputs(
        progress, long, "import sys\nprint('a', file=sys.stderr, flush=True)\nprint('b')"
    )
    assert [found.get("name", found.output_type) for found in first] == ["stdout", "stderr", "display_data"]
    assert first[0].text == "3/3\nLOng\n"
    assert first[1].text == "warning 0\nwarning 1\nwarning 2\n"
    assert [(found.name, found.text) for found in third] == [("stdout", "b\n"), ("stderr", "a\n")]
    (found,) = second
    assert len(found.text) < 1_000_200 and found.text.startswith("x" * 200_000 + "\ny")
    assert found.text.endswith("y\n") and "\n[1,200,002 characters left out here: 1,000,000" in found.text


def test_a_cell_that_puts_out_faster_than_it_is_read_loses_nothing(outputs):
    ((found,),) = outputs("for number in range(6_000):\n    print(number, flush=True)")
    assert found.text.split() == [str(number) for number in range(6_000)]


def test_a_kernel_waits_for_a_reader_that_is_late(outputs, monkeypatch):
    monkeypatch.setattr(module, "MOST_UNREAD", 1)  # as on a machine that hardly lets the reader run
    kept = module.NotebookClient.output

    def slow(*args):
        time.sleep(0.001)
        return kept(*args)

    monkeypatch.setattr(module.NotebookClient, "output", slow)
    ((found,),) = outputs("for number in range(4_000):\n    print(number, flush=True)")
    assert found.text.split() == [str(number) for number in range(4_000)]


def test_outputs_beyond_the_limit_become_one_note_and_an_error_keeps_its_ends(outputs, monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_THE_OTHERS", 1000)
    monkeypatch.setattr(module, "MOST_OF_A_STREAM", 1000)
    many = "for number in range(10):\n    display({'text/plain': 'z' * 300}, raw=True)\n'the value'"
    cleared = many.replace(
        "    display", "    from IPython.display import clear_output\n    clear_output()\n    display"
    )
    first, second, third = outputs(many, cleared, "raise ValueError('w' * 5000)", status="failed")
    assert [found.data["text/plain"][:3] for found in first] == ["zzz"] * 3 + ["[7 ", "'th"]
    assert first[3].data["text/plain"] == (
        "[7 outputs of 2,100 characters left out, the first of them here: "
        "1,000 of a cell's figures, tables and values are kept]"
    )
    assert [found.data["text/plain"] for found in second] == ["z" * 300, "'the value'"]
    (error,) = third
    assert len(error.evalue) < 1100 and "characters left out here" in error.evalue
    assert len("\n".join(error.traceback)) < 1100


def test_an_output_that_waits_to_be_cleared_gives_way_to_the_next_and_counts_no_more(outputs, monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_THE_OTHERS", 1000)
    animation = """
from IPython.display import clear_output
for number in range(10):
    clear_output(wait=True)
    print(number)
    display({'text/plain': str(number) * 300}, raw=True)"""
    (found,) = outputs(animation)
    assert [(output.get("text"), output.get("data")) for output in found] == [
        ("9\n", None),
        (None, {"text/plain": "9" * 300}),
    ]


def test_a_display_is_updated_beside_joined_streams(outputs):
    shown = "print('a')\nhandle = display('first', display_id=True)\nprint('b')\ndisplay('other')"
    first, _ = outputs(shown, "handle.update('second')")
    assert [found.data["text/plain"] for found in first[1:]] == ["'second'", "'other'"]
    assert first[0].text == "a\nb\n"


def test_a_cell_that_takes_too_long_ends_the_notebook_and_is_named(clone, blogkit):
    clone.add("01_one", "1", "import time\nprint('waits', flush=True)\ntime.sleep(100)")
    clone.add("02_two", "1")
    code, out, err = blogkit("run", "--cell-timeout", "2")
    assert (code, err) == (1, "")
    reason = "the run was stopped in cell 5 of 6, which took longer than --cell-timeout 2 s."
    assert f"CellTimeoutError: {reason}\n" in out
    assert "Notebooks: 1 ran, 0 skipped, 1 failed." in out
    partial = nbformat.read(clone.root / "runs" / "default" / "01_one.failed.ipynb", as_version=4)
    assert partial.cells[4].outputs[0].text == "waits\n"


def test_a_timeout_is_a_positive_number(clone, blogkit):
    clone.add("01_one")
    code, _, err = blogkit("run", "--cell-timeout", "0")
    assert (code, err) == (2, "blogkit: --cell-timeout takes a positive number. Received: 0.\n")
