"""Which figures of an executed notebook are recorded, and which errors name the cell."""

import base64
import copy

import nbformat
import pytest
from example_record import PNG
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from blogkit.runner.project import UsageError
from blogkit.runner.record_figures import recorded_figures

OTHER = PNG + b"other"


def figure(png=PNG, **metadata):
    data = {"image/png": base64.b64encode(png).decode()}
    return new_output("display_data", data, metadata={"image/png": metadata})


@pytest.fixture
def runs(clone):
    """The notebook today, and as executed with an injected cell: two tagged figures and one that is not."""
    path = clone.add("01_one", "losses()", "codes()", "words()")
    today = nbformat.read(path, as_version=4)
    today.cells.insert(3, new_markdown_cell("## Training\n\nLosses:"))
    for number in (4, 5):
        today.cells[number].metadata["tags"] = ["record"]
    nbformat.write(today, path)
    executed = copy.deepcopy(today)
    executed.cells[4].outputs = [figure(alt="a", width=40, height=30), figure(OTHER, alt="b", caption="Two")]
    executed.cells[5].outputs = [figure(OTHER, alt="c")]
    executed.cells[6].outputs = [figure(alt="not recorded")]
    executed.cells.insert(2, new_code_cell("seed = 1", metadata={"tags": ["injected-parameters"]}))
    return path, today, executed


def test_takes_the_figures_of_tagged_cells_in_their_order(runs):
    path, _, executed = runs
    found = recorded_figures(path, executed)
    assert found == [
        (PNG, {"alt": "a", "caption": "Training", "width": 40, "height": 30}),
        (OTHER, {"alt": "b", "caption": "Two", "width": None, "height": None}),
        (OTHER, {"alt": "c", "caption": "Training", "width": None, "height": None}),
    ]


def test_the_tags_are_those_of_today_and_text_may_have_changed(runs):
    path, today, executed = runs
    del today.cells[5].metadata["tags"]
    today.cells[3].source = "## Training, explained"
    today.cells.insert(0, new_markdown_cell("New."))
    nbformat.write(today, path)
    assert [shown["alt"] for _, shown in recorded_figures(path, executed)] == ["a", "b"]


@pytest.mark.parametrize("change", [lambda nb: nb.cells[4].update(source="1"), lambda nb: nb.cells.pop(6)])
def test_other_code_is_another_notebook(runs, change):
    path, today, executed = runs
    change(today)
    nbformat.write(today, path)
    with pytest.raises(UsageError, match="the code of the notebook has changed since that run; run it again"):
        recorded_figures(path, executed)


@pytest.mark.parametrize(
    "outputs, said",
    [
        ([], "cell 5 is tagged 'record' and shows no PNG figure"),
        ([figure(PNG.ljust(150_001), alt="a")], "the figure of cell 5 has 150,001 bytes, more than 150,000"),
        ([figure()], "the figure of cell 5 has no alternative text"),
        ([figure(alt=" ")], "the figure of cell 5 has no alternative text"),
    ],
)
def test_an_error_names_the_cell_and_the_remedy(runs, outputs, said):
    path, _, executed = runs
    executed.cells[5].outputs = outputs  # with the injected cell, cell 5 of the notebook
    with pytest.raises(UsageError) as caught:
        recorded_figures(path, executed)
    assert str(caught.value).startswith(said) and "--from-runs" in str(caught.value)


def test_a_figure_of_150_kilobytes_is_taken(runs):
    path, _, executed = runs
    executed.cells[5].outputs = [figure(PNG.ljust(150_000), alt="a")]
    assert len(recorded_figures(path, executed)[0][0]) == 150_000
