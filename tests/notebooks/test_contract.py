"""Every notebook is in order as committed; `python -m blogkit check` names what is not."""

from every_notebook import EVERY_NOTEBOOK

from blogkit.runner.check import check_notebook


@EVERY_NOTEBOOK
def test_is_what_the_contract_promises(notebook):
    assert check_notebook(notebook) == []
