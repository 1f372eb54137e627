import base64
import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from blogkit.report import CLAIMS_MIME
from blogkit.runner.check import check_notebook

TITLE, PARAMETERS, FIGURE, SEEN, CLAIMS, VERDICTS = range(6)  # the cells of `notebook`


@pytest.fixture
def notebook():
    """A small notebook that breaks no rule."""
    png = base64.b64encode(b"\x89PNG" * 9).decode()
    bundle = {CLAIMS_MIME: {"claims": [{"id": "C1"}, {"id": "C2"}]}, "text/plain": "claims"}
    return new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "language_info": {"name": "python"},
        },
        cells=[
            new_markdown_cell(
                "# Title\n[article](https://kexue.fm/archives/6794), [more](#end), [file](present.py)\n\n"
                "C1是 one, C2 another. `[code](absent)` and $[a](b)$ are no links.\n\n```\n#### no "
                "heading\n```"
            ),
            new_code_cell(
                'seed: int = 0  # random seed, at least 0\nname: str = "#"  # 名字, a name',
                execution_count=1,
                metadata={"tags": ["parameters"]},
            ),
            new_code_cell(
                "check_parameters()\nshow()",
                execution_count=2,
                outputs=[
                    new_output(
                        "display_data", {"image/png": png}, metadata={"image/png": {"alt": "a curve"}}
                    ),
                ],
            ),
            new_markdown_cell("## What was seen\nIt falls. https://example.org/a/home/page"),
            new_code_cell(
                "report",
                execution_count=3,
                outputs=[
                    new_output("execute_result", bundle, execution_count=3),
                ],
            ),
            new_code_cell(
                "print('C1 true')",
                execution_count=4,
                outputs=[
                    new_output("stream", name="stdout", text="C1 true\n"),
                ],
                metadata={"tags": ["nbval-check-output"]},
            ),
        ],
    )


@pytest.fixture
def faults(tmp_path):
    """Function from a notebook to its faults."""
    (tmp_path / "present.py").touch()

    def check(notebook):
        path = tmp_path / "00_example.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        return check_notebook(path)

    return check


def test_a_notebook_in_order_has_no_fault(notebook, faults):
    assert faults(notebook) == []


def test_a_claim_that_fails_for_a_known_reason_is_no_fault(notebook, faults):
    claims("C1", "C2", verdict="fails", differs="few updates")(notebook)
    assert faults(notebook) == []


def test_says_all_faults_at_once(notebook, faults):
    notebook.metadata.papermill = {}
    notebook.cells[PARAMETERS].metadata.tags.append("slow")
    assert len(faults(notebook)) == 2


def source(cell, text):
    return lambda nb: nb.cells[cell].update(source=text)


def append_source(cell, text):
    return lambda nb: nb.cells[cell].update(source=nb.cells[cell].source + text)


def output(cell, *args, **kwargs):
    return lambda nb: nb.cells[cell].outputs.append(new_output(*args, **kwargs))


def claims(*ids, **first):
    bundle = {"claims": [{"id": id} for id in ids]}
    bundle["claims"][0:1] = [{**claim, **first} for claim in bundle["claims"][0:1]]
    return lambda nb: nb.cells[CLAIMS].outputs[0].data.update({CLAIMS_MIME: bundle})


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda nb: nb.update(nbformat_minor=4), "not nbformat 4.5"),
        (lambda nb: nb.cells[0].pop("id"), "not nbformat 4.5"),
        (lambda nb: nb.cells[SEEN].update(id=nb.cells[TITLE].id), "cells 1, 4: share the id"),
        (lambda nb: nb.metadata.update(widgets={}), "notebook: metadata 'widgets'"),
        (lambda nb: nb.metadata.language_info.update(version="3.11"), "`language_info` is not just"),
        (lambda nb: nb.metadata.kernelspec.update(name="venv"), "the kernel is 'venv'"),
        (lambda nb: nb.cells[SEEN].metadata.update(execution={}), "cell 4: metadata 'execution'"),
        (lambda nb: nb.cells[FIGURE].metadata.update(tags=["slow"]), "cell 3: unknown tag 'slow'"),
        (claims("C1", "C2", verdict="other direction"), "C1 is 'other direction' without a reason"),
        (claims("C1", "C2", verdict="fails", differs=""), "C1 is 'fails' without a reason"),
        (output(SEEN - 1, "display_data", {"text/plain": "Claim(id='C1')"}), "shows the code of a claim"),
        (lambda nb: nb.cells[VERDICTS].metadata.clear(), "no cell is tagged 'nbval-check-output'"),
        (lambda nb: nb.cells[PARAMETERS].metadata.clear(), "0 cells are tagged 'parameters'"),
        (
            lambda nb: nb.cells[FIGURE].metadata.update(tags=["parameters"]) or source(FIGURE, "")(nb),
            "2 cells are tagged 'parameters'",
        ),
        (source(PARAMETERS, "seed = 0  # help"), "`seed = 0  # help` does not set one annotated"),
        (source(PARAMETERS, "seed: int = abs(1)  # help"), "to a literal"),
        (source(PARAMETERS, "seed: int  # help"), "to a literal"),
        (source(PARAMETERS, "seed: int = 1.5  # help"), "a float, which is not int"),
        (source(PARAMETERS, "seed: int = True  # help"), "a bool, which is not int"),
        (source(PARAMETERS, "seed: int = 0"), "does not say what it is for"),
        (source(PARAMETERS, "seed: int = 0  #"), "does not say what it is for"),
        (source(PARAMETERS, 'name: str = "# not help"'), "does not say what it is for"),
        (source(PARAMETERS, "rate: float = 0.1  # help"), "cell 2: rate has no range; say in its help"),
        (source(PARAMETERS, "sizes: list[int] = [1]  # help"), "cell 2: sizes has no range"),
        (source(PARAMETERS, "seed: int = 0  # help, at least 1"), "takes int, at least 1, default 0"),
        (source(PARAMETERS, "rate: float = 1  # help, at least 1"), "a int, which is not float"),
        (source(PARAMETERS, "heads: int = 4  # help, divides dim"), "names 'dim', which is no parameter"),
        (
            source(PARAMETERS, "seed: int = 0  # help, at least one or two"),
            "is not a rule. Valid rules: at least",
        ),
        (source(FIGURE, "show()"), "cell 2: nothing compares the parameters with their ranges"),
        (lambda nb: nb.cells[VERDICTS].update(execution_count=None), "cell 6: not executed"),
        (
            lambda nb: nb.cells[VERDICTS].update(execution_count=7),
            "cell 6: executed as number 7 instead of 4",
        ),
        (output(FIGURE, "stream", name="stderr", text="\nWARNING: slow\n"), "stderr ('WARNING: slow')"),
        (output(FIGURE, "error", ename="KeyError", evalue="'x'", traceback=[]), "failed with KeyError"),
        (
            output(FIGURE, "stream", name="stdout", text="saved /home/ada/x.png"),
            "cell 3: names '/home/ada/x.png'",
        ),
        (append_source(FIGURE, r"; open('C:\\Users\\ada')"), "a path on one machine"),
        (append_source(FIGURE, "; open('file:///tmp/x')"), "a path on one machine"),
        (output(VERDICTS, "display_data", {"text/html": "<b>/root/x</b>"}), "a path on one machine"),
        (output(VERDICTS, "stream", name="stdout", text="x" * 1_000_000), "keep it below 1,000,000"),
        (
            lambda nb: nb.cells[FIGURE].outputs[0].data.update({"image/png": "A" * 200_000}),
            "a figure of 150,000 bytes",
        ),
        (
            lambda nb: nb.cells[FIGURE].outputs[0].metadata.clear(),
            "cell 3: a figure without alternative text",
        ),
        (lambda nb: nb.cells.pop(SEEN), "cell 3: no text after the figure"),
        (lambda nb: nb.cells[CLAIMS].outputs.clear(), "no cell shows the claims"),
        (claims("C2", "C1"), "the claims are C2, C1; number them C1, C2"),
        (claims("C1"), "C2 is announced but not recorded"),
        (claims("C1", "C2", "C3"), "C3 is recorded but not announced"),
        (append_source(TITLE, "\n\n# Another"), "cell 1: 2 headings of level 1"),
        (source(SEEN, "# Another"), "cell 4: a second title"),
        (source(SEEN, "### Deep"), "cell 4: a heading of level 3 after level 1"),
        (source(TITLE, "# Title\nC1, C2, [article](https://notkexue.fm/)"), "no link to the article"),
        (append_source(SEEN, " [x](gone.py#L3)"), "cell 4: links to 'gone.py#L3', which does not exist"),
        (append_source(SEEN, " ![x](gone.png)"), "links to 'gone.png'"),
        (append_source(FIGURE, "\n".join([""] + ["pass"] * 24)), "cell 3: 26 lines of code"),
    ],
)
def test_names_the_fault_and_only_it(notebook, faults, change, said):
    before = copy.deepcopy(notebook)
    change(notebook)
    assert notebook != before
    (fault,) = faults(notebook)
    assert said in fault


def test_opens_with_text(notebook, faults):
    notebook.cells.insert(0, notebook.cells.pop(PARAMETERS))
    assert any("cell 1: not text" in fault for fault in faults(notebook))


def test_a_file_that_is_no_notebook(tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text('{"cells": [', encoding="utf-8")
    (fault,) = check_notebook(path)
    assert "not JSON" in fault


def test_a_notebook_written_by_nbformat_is_read(notebook, tmp_path):
    # nbformat stores sources as lists of lines, `json.dumps` above as one text.
    path = tmp_path / "00_example.ipynb"
    (tmp_path / "present.py").touch()
    nbformat.write(notebook, path)
    assert check_notebook(path) == []
