"""Every notebook: in order as committed, with every claim decided."""

import nbformat
from every_notebook import EVERY_NOTEBOOK, claims_in

from blogkit.runner.check import check_notebook


@EVERY_NOTEBOOK
def test_is_what_the_contract_promises(notebook):
    assert check_notebook(notebook) == []


@EVERY_NOTEBOOK
def test_committed_outputs_hold_every_claim(notebook):
    """On the defaults nothing is left untested, and what is false says why."""
    claims = claims_in(nbformat.read(notebook, as_version=4))
    assert claims
    assert [c["id"] for c in claims if c["verdict"] == "not tested"] == []
    assert [c["id"] for c in claims if c["verdict"] == "false" and not c["differs"]] == []
